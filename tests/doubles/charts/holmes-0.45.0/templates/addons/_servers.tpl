{{/* SPDX-License-Identifier: GPL-3.0-or-later. A double: see README.md. How HolmesGPT reaches the add-ons. */}}

{{/* Arguments: root, id, where ("8000/mcp"), instructions, more configuration, more entries, the namespace. */}}
{{- define "double.server" -}}
{{- $mode := ternary "sse" "streamable-http" (hasSuffix "/sse" .where) }}
{{- $namespace := .namespace | default .root.Release.Namespace }}
{{- $url := printf "http://%s-%s-server.%s.svc.cluster.local:%s" .root.Release.Name .id $namespace .where }}
{{- $picture := printf "https://cdn.simpleicons.org/%s" .id }}
{{- $config := merge (dict "url" $url "mode" $mode "icon_url" $picture) (.config | default dict) }}
{{- $text := .text | default (printf "Instructions for %s." .id) }}
{{- merge (dict "description" .id "config" $config "llm_instructions" $text) (.more | default dict) | toYaml }}
{{- end }}

{{/* The entries of mcp_servers, under the names that the original gives them. */}}
{{- define "double.servers" -}}
{{- $all := dict }}
{{- $m := .Values.mcpAddons }}
{{- with $m.aws }}{{ if .enabled }}
{{- $text := .llmInstructions | default "Instructions for aws-mcp." }}
{{- $accounts := and .multiAccount.enabled .multiAccount.llm_account_descriptions }}
{{- with $accounts }}{{ $text = print $text "\n\n" . }}{{ end }}
{{- $_ := set $all "aws_api" (dict "id" "aws-mcp" "where" "8000/mcp" "text" $text "namespace" .config.namespace) }}
{{- end }}{{ end }}
{{- with $m.azure }}{{ if .enabled }}
{{- $_ := set $all "azure_api" (dict "id" "azure-mcp" "where" "8000/mcp" "text" .llmInstructions "namespace" .config.namespace) }}
{{- end }}{{ end }}
{{- with $m.gcp }}{{ if .enabled }}
{{- $gcp := dict "id" "gcp-mcp" "namespace" .config.namespace }}
{{- if .gcloud.enabled }}
{{- $_ := set $all "gcp_gcloud" (merge (dict "where" (printf "%v/sse" .gcloud.port) "text" .llmInstructions.gcloud) $gcp) }}
{{- end }}
{{- if .observability.enabled }}
{{- $_ := set $all "gcp_observability" (merge (dict "where" (printf "%v/sse" .observability.port) "text" .llmInstructions.observability) $gcp) }}
{{- end }}
{{- if .storage.enabled }}
{{- $_ := set $all "gcp_storage" (merge (dict "where" (printf "%v/sse" .storage.port) "text" .llmInstructions.storage) $gcp) }}
{{- end }}
{{- end }}{{ end }}
{{- with $m.github }}{{ if .enabled }}
{{- $headers := dict "Authorization" "Bearer {{ env.GITHUB_PERSONAL_ACCESS_TOKEN }}" }}
{{- $github := dict "id" "github-mcp" "text" .llmInstructions "where" "8000/" "config" (dict "health_check_tool" "get_me" "extra_headers" $headers) }}
{{- if .auth.githubApp.secretName }}{{ $github = dict "id" "github-mcp" "text" .llmInstructions "where" "8000/mcp" }}{{ end }}
{{- $_ := set $all "github" $github }}
{{- end }}{{ end }}
{{- with $m.gitlabMcp }}{{ if .enabled }}
{{- $config := dict "health_check_tool" "get_current_user" }}
{{- $_ := set $all "gitlab" (dict "id" "gitlab-mcp" "where" "8000/sse" "text" .llmInstructions "config" $config) }}
{{- end }}{{ end }}
{{- with $m.sentry }}{{ if .enabled }}
{{- $_ := set $all "sentry" (dict "id" "sentry-mcp" "where" "8000/sse" "text" .llmInstructions) }}
{{- end }}{{ end }}
{{- with $m.prefect }}{{ if .enabled }}
{{- $_ := set $all "prefect" (dict "id" "prefect-mcp" "where" "8000/sse" "text" .llmInstructions) }}
{{- end }}{{ end }}
{{- with $m.kubernetesRemediation }}{{ if .enabled }}
{{- $config := dict }}
{{- if .auth.enabled }}{{ $config = dict "extra_headers" (dict "Authorization" "Bearer {{ env.K8S_REMEDIATION_MCP_TOKEN }}") }}{{ end }}
{{- $more := dict "approval_required_tools" .approvalRequiredTools }}
{{- $entry := dict "id" "k8s-remediation-mcp" "where" "8000/mcp" "text" .llmInstructions "config" $config "more" $more }}
{{- $_ := set $all "kubernetes_remediation" $entry }}
{{- end }}{{ end }}
{{- with $m.kubernetes }}{{ if .enabled }}
{{- $config := dict }}
{{- with .config.oauth }}{{ $config = dict "oauth" . }}{{ end }}
{{- $_ := set $all "kubernetes" (dict "id" "k8s-mcp" "where" "8000/mcp" "text" .llmInstructions "config" $config) }}
{{- end }}{{ end }}
{{- with $m.confluenceMcp }}{{ if .enabled }}
{{- $_ := set $all "confluence_mcp" (dict "id" "confluence-mcp" "where" "8000/sse" "text" .llmInstructions) }}
{{- end }}{{ end }}
{{- range $name, $entry := $all }}
{{ $name }}: {{ include "double.server" (set $entry "root" $) | nindent 2 }}
{{- end }}
{{- end }}

{{/* Tokens that HolmesGPT itself sends with its requests to add-ons. */}}
{{- define "double.addon.tokens" -}}
{{- $github := .Values.mcpAddons.github }}
{{- if and $github.enabled (not $github.auth.githubApp.secretName) }}
{{ include "double.addon.secret" (list "GITHUB_PERSONAL_ACCESS_TOKEN" $github.auth.secretName ($github.auth.secretKey | default "token")) }}
{{- end }}
{{- $remediation := .Values.mcpAddons.kubernetesRemediation }}
{{- if and $remediation.enabled $remediation.auth.enabled }}
{{ include "double.addon.secret" (list "K8S_REMEDIATION_MCP_TOKEN" (include "double.token.secret" .) "token") }}
{{- end }}
{{- end }}
