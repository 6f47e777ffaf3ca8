{{/* SPDX-License-Identifier: GPL-3.0-or-later. A double: see README.md. */}}

{{- define "double.env" -}}
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
- name: ENABLE_TELEMETRY
  value: {{ .Values.enableTelemetry | quote }}
- name: SENTRY_DSN
  value: {{ .Values.sentryDSN | quote }}
{{- if .Values.certificate }}
- name: CERTIFICATE
  value: {{ .Values.certificate }}
{{- end }}
{{- if .Values.enablePostProcessing }}
- name: HOLMES_POST_PROCESSING_PROMPT
  value: {{ .Values.postProcessingPrompt }}
{{- end }}
{{- if .Values.openshift }}
- name: IS_OPENSHIFT
  value: "True"
{{- end }}
{{- with .Values.additionalEnvVars }}
{{ toYaml . }}
{{- end }}
{{- with .Values.additional_env_vars }}
{{ toYaml . }}
{{- end }}
{{- end }}
