{{/* SPDX-License-Identifier: GPL-3.0-or-later. A double: see README.md. */}}

{{- define "double.dns" -}}
{{- $dns := .Values.dnsConfig }}
{{- $given := or $dns.nameservers $dns.searches $dns.options }}
{{- if and $dns.enabled (eq $dns.policy "None") (not $given) }}{{ fail "dnsConfig: policy None needs nameservers, searches or options" }}{{ end }}
dnsPolicy: {{ ternary $dns.policy "ClusterFirst" $dns.enabled }}
{{- if and $dns.enabled $given }}
dnsConfig: {{ pick $dns "nameservers" "searches" "options" | toYaml | nindent 2 }}
{{- end }}
{{- end }}

{{/* Arguments: root and path. With client certificates the kubelet can only try the port. */}}
{{- define "double.probe" -}}
{{- $tls := .root.Values.tls | default dict }}
{{- if and $tls.enabled $tls.caCertsSecretKey -}}
tcpSocket: {port: http}
{{- else -}}
httpGet: {path: {{ .path }}, port: http, scheme: {{ ternary "HTTPS" "HTTP" (eq (toString $tls.enabled) "true") }}}
{{- end }}
{{- end }}

{{- define "double.env" -}}
{{- $tls := .Values.tls | default dict -}}
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
- name: ENABLE_JSON_LOGS_FORMAT
  value: {{ .Values.global.enableJsonLogsFormat | default .Values.enableJsonLogsFormat | quote }}
- name: ENABLE_TELEMETRY
  value: {{ include "double.telemetry" . | quote }}
- name: SENTRY_DSN
  value: {{ .Values.sentryDSN | quote }}
{{- if .Values.namespaceScopedRBAC }}
- name: SCOPED_NAMESPACES
  value: {{ .Release.Namespace }}
{{- end }}
{{- if $tls.enabled }}
- name: HOLMES_SSL_CERTFILE
  value: /etc/holmes/tls/tls.crt
- name: HOLMES_SSL_KEYFILE
  value: /etc/holmes/tls/tls.key
{{- with $tls.keyfilePasswordSecretKey }}
- name: HOLMES_SSL_KEYFILE_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ $tls.secretName }}, key: {{ . }}}
{{- end }}
{{- with $tls.caCertsSecretKey }}
- name: HOLMES_SSL_CA_CERTS
  value: /etc/holmes/tls/{{ . }}
{{- end }}
{{- end }}
{{- if .Values.certificate }}
- name: CERTIFICATE
  value: {{ .Values.certificate }}
{{- end }}
{{- if .Values.openshift }}
- name: IS_OPENSHIFT
  value: "True"
{{- end }}
{{- $skills := .Values.customSkillPaths }}
{{- if .Values.customSkills }}{{ $skills = append $skills "/etc/holmes/skills" }}{{ end }}
{{- with $skills }}
- name: CUSTOM_SKILL_PATHS
  value: {{ join "," . | quote }}
{{- end }}
{{- include "double.skillRepos" . }}
{{- with .Values.additionalEnvVars }}
{{ toYaml . }}
{{- end }}
{{- with .Values.additional_env_vars }}
{{ toYaml . }}
{{- end }}
{{- end }}
