{{/* SPDX-License-Identifier: GPL-3.0-or-later. A double: see README.md. The token between HolmesGPT and the remediation. */}}

{{- define "double.token.secret" -}}
{{- .Values.mcpAddons.kubernetesRemediation.auth.existingSecret | default (print .Release.Name "-k8s-remediation-mcp-token") }}
{{- end }}

{{/* Raising auth.rotation: with the chart's own token the hook rolls both pods, with a given one their template does. */}}
{{- define "double.token.onDeployment" -}}
{{- $k := .Values.mcpAddons.kubernetesRemediation }}
{{- if and $k.enabled $k.auth.enabled (not $k.auth.existingSecret) }}
robusta.dev/k8s-remediation-token-rotation: {{ $k.auth.rotation | default 0 | toString | quote }}
{{- end }}
{{- end }}

{{- define "double.token.onPod" -}}
{{- $k := .Values.mcpAddons.kubernetesRemediation }}
{{- if and $k.enabled $k.auth.enabled $k.auth.existingSecret }}
robusta.dev/k8s-remediation-token-rotation: {{ $k.auth.rotation | default 0 | toString | quote }}
{{- end }}
{{- end }}
