{{/* SPDX-License-Identifier: GPL-3.0-or-later. A double: see README.md. What the add-ons have in common. */}}

{{/*
An add-on is a dict: root, id ("aws-mcp"), full (release and id), namespace; for some annotations, podLabels, podAnnotations.
Templates hand single values on, never a whole branch of the values: so the keys that have an effect stay countable.
*/}}

{{- define "double.addon.selector" -}}
app: {{ .full }}
app.kubernetes.io/name: {{ .id }}-server
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "double.addon.labels" -}}
{{ include "double.addon.selector" . }}
app.kubernetes.io/component: mcp-server
app.kubernetes.io/part-of: holmes
{{- include "double.labels" .root }}
{{- end }}

{{/* Arguments: the add-on (without a namespace for objects of the cluster), the object's name, annotations of its own. */}}
{{- define "double.addon.head" -}}
{{- $me := index . 0 -}}
metadata:
  name: {{ index . 1 }}
  {{- with $me.namespace }}
  namespace: {{ . }}
  {{- end }}
  labels: {{ include "double.addon.labels" $me | nindent 4 }}
  {{- $notes := mergeOverwrite (include "double.annotations" $me.root | fromYaml) (index . 2 | default dict) }}
  {{- with $notes }}
  annotations: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Arguments: the add-on, the account's name, its annotations. */}}
{{- define "double.addon.account" -}}
---
apiVersion: v1
kind: ServiceAccount
{{ include "double.addon.head" . }}
{{- end }}

{{/* A Deployment up to its pod's specification. No add-on knows pull secrets or security contexts from values. */}}
{{- define "double.addon.open" -}}
---
apiVersion: apps/v1
kind: Deployment
{{ include "double.addon.head" (list . (print .full "-server") .annotations) }}
spec:
  replicas: 1
  selector:
    matchLabels: {{ include "double.addon.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "double.addon.labels" . | nindent 8 }}
        {{- with .podLabels }}{{ toYaml . | nindent 8 }}{{ end }}
      {{- with mergeOverwrite (include "double.annotations" .root | fromYaml) (.podAnnotations | default dict) }}
      annotations: {{ toYaml . | nindent 8 }}
      {{- end }}
    spec:
{{- end }}

{{/* Arguments: nodeSelector, tolerations, affinity. */}}
{{- define "double.addon.placement" -}}
{{- with index . 0 }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with index . 1 }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with index . 2 }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Arguments: the add-on, names of variables that stand in its ConfigMap. */}}
{{- define "double.addon.env" -}}
{{- $me := index . 0 -}}
{{- range index . 1 }}
- name: {{ . }}
  valueFrom:
    configMapKeyRef: {name: {{ $me.full }}-config, key: {{ . }}}
{{- end }}
{{- end }}

{{/* Arguments: variable, name of the Secret, its key. */}}
{{- define "double.addon.secret" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef: {name: {{ index . 1 }}, key: {{ index . 2 }}}
{{- end }}

{{/* Arguments: the add-on, ports by name. */}}
{{- define "double.addon.service" -}}
{{- $me := index . 0 }}
---
apiVersion: v1
kind: Service
{{ include "double.addon.head" (list $me (print $me.full "-server") dict) }}
spec:
  selector: {{ include "double.addon.selector" $me | nindent 4 }}
  ports:
    {{- range $name, $port := index . 1 }}
    - {name: {{ $name }}, protocol: TCP, port: {{ $port }}, targetPort: {{ $port }}}
    {{- end }}
{{- end }}

{{/* Only HolmesGPT's pods may come in. Arguments: the add-on, whether also its namespace is told. */}}
{{- define "double.addon.fence" -}}
{{- $me := index . 0 }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
{{ include "double.addon.head" (list $me (print $me.full "-network-policy") dict) }}
spec:
  podSelector:
    matchLabels: {{ include "double.addon.selector" $me | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels: {app: holmes}
          {{- if index . 1 }}
          namespaceSelector:
            matchLabels: {kubernetes.io/metadata.name: {{ $me.root.Release.Namespace }}}
          {{- end }}
      ports:
        - {protocol: TCP, port: 8000}
{{- end }}

{{/* Arguments: the add-on, the role's name, the account's. */}}
{{- define "double.addon.binding" -}}
{{- $me := index . 0 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
{{ include "double.addon.head" (list (omit $me "namespace") $me.full dict) }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ index . 1 }}}
subjects:
  - {kind: ServiceAccount, name: {{ index . 2 }}, namespace: {{ $me.namespace }}}
{{- end }}

{{/* The one fixed security context; values cannot change it. */}}
{{- define "double.addon.locked" -}}
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 1000
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
{{- end }}
