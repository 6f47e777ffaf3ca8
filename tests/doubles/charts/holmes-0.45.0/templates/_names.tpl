{{/* SPDX-License-Identifier: GPL-3.0-or-later. A double: see README.md. */}}

{{/* The account the pod runs as: the given one, the chart's own, or the namespace's default. */}}
{{- define "double.account" -}}
{{- if .Values.customServiceAccountName }}{{ .Values.customServiceAccountName }}
{{- else }}{{ ternary (printf "%s-holmes-service-account" .Release.Name) "default" .Values.createServiceAccount }}
{{- end }}
{{- end }}

{{/* "true" or "false". An absent enableTelemetry is true unless the UI's domain is a foreign one. */}}
{{- define "double.telemetry" -}}
{{- $domain := "" }}
{{- range .Values.additionalEnvVars }}{{ if eq .name "ROBUSTA_UI_DOMAIN" }}{{ $domain = .value | default "" }}{{ end }}{{ end }}
{{- if hasKey .Values "enableTelemetry" }}{{ .Values.enableTelemetry }}
{{- else }}{{ or (eq $domain "") (hasSuffix ".robusta.dev" $domain) }}
{{- end }}
{{- end }}

{{/* Extra labels of every object; those that selectors use are refused. */}}
{{- define "double.labels" -}}
{{- range $key, $text := .Values.commonLabels }}
{{- if or (eq $key "app") (hasPrefix "app.kubernetes.io/" $key) }}
{{- fail (printf "commonLabels: %s is used by selectors and cannot be set" $key) }}
{{- end }}
{{ $key }}: {{ $text | toString | quote }}
{{- end }}
{{- end }}

{{- define "double.annotations" -}}
{{- range $key, $text := .Values.commonAnnotations }}
{{ $key }}: {{ $text | toString | quote }}
{{- end }}
{{- end }}
