{{/* SPDX-License-Identifier: GPL-3.0-or-later. A double: see README.md. */}}

{{/* One server: name, image, registry, policy, port, resources, env (names), key and file (Secret), identity, google. */}}
{{- define "double.gcp.server" -}}
- name: {{ .name }}-mcp
  image: "{{ .registry }}/{{ .image }}"
  imagePullPolicy: {{ .policy }}
  ports:
    - {name: {{ .name }}, containerPort: {{ .port }}}
  env:
    {{- include "double.addon.env" (list .me .env) | nindent 4 }}
    {{- if .file }}
    - name: GOOGLE_APPLICATION_CREDENTIALS
      value: /var/secrets/gcp/key.json
    {{- end }}
    {{- with .google }}
    - name: GCP_SERVICE_ACCOUNT
      value: {{ . }}
    {{- end }}
  resources: {{ toYaml .resources | nindent 4 }}
  readinessProbe: {tcpSocket: {port: {{ .port }}}, initialDelaySeconds: 30}
  livenessProbe: {tcpSocket: {port: {{ .port }}}, initialDelaySeconds: 60}
  {{- if or .key .identity }}
  volumeMounts:
    {{- if .key }}
    - {name: gcp-sa-key, mountPath: /var/secrets/gcp, readOnly: true}
    {{- end }}
    {{- if .identity }}
    - {name: workload-identity-token, mountPath: /var/run/secrets/workload-identity, readOnly: true}
    {{- end }}
  {{- end }}
{{- end }}

{{/* Arguments: the add-on, its ports. Out: names, and every address except the node's metadata. */}}
{{- define "double.gcp.fence" -}}
{{- $me := index . 0 }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
{{ include "double.addon.head" (list $me (print $me.full "-netpol") dict) }}
spec:
  podSelector:
    matchLabels: {{ include "double.addon.selector" $me | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector:
            matchLabels: {app: holmes}
      ports:
        {{- range index . 1 }}
        - {protocol: TCP, port: {{ . }}}
        {{- end }}
  egress:
    - to:
        - namespaceSelector: {}
      ports:
        - {protocol: TCP, port: 53}
        - {protocol: UDP, port: 53}
    - to:
        - ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}
{{- end }}
