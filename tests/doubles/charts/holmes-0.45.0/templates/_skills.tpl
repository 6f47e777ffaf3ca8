{{/* SPDX-License-Identifier: GPL-3.0-or-later. A double: see README.md. Repositories that the server clones itself. */}}

{{- define "double.skillRepos" -}}
{{- $repos := list }}
{{- range $at, $repo := .Values.skillRepos }}
{{- if and $repo.tokenSecret $repo.githubApp }}{{ fail (printf "skillRepos[%d]: tokenSecret and githubApp exclude each other" $at) }}{{ end }}
{{- if regexMatch "^[A-Za-z][A-Za-z0-9+.-]*://[^/@]*@" (toString $repo.url) }}
{{- fail (printf "skillRepos[%d]: the url must not hold credentials; name a Secret as tokenSecret" $at) }}
{{- end }}
{{- $entry := dict "url" (required "skillRepos: every entry needs a url" $repo.url) }}
{{- with $repo.name }}{{ $_ := set $entry "name" . }}{{ end }}
{{- with $repo.branch }}{{ $_ := set $entry "branch" . }}{{ end }}
{{- with $repo.subPath }}{{ $_ := set $entry "sub_path" . }}{{ end }}
{{- with $repo.username }}{{ $_ := set $entry "username" . }}{{ end }}
{{- with $repo.tokenSecret }}
{{- $_ := set $entry "token_env" (printf "SKILL_REPO_TOKEN_%d" $at) }}
{{ include "double.addon.secret" (list $entry.token_env .name .key) }}
{{- end }}
{{- with $repo.githubApp }}
{{- $_ := set $entry "github_app_id" (toString .appId) }}
{{- $_ := set $entry "github_app_installation_id" (toString .installationId) }}
{{- $_ := set $entry "github_app_private_key_env" (printf "SKILL_REPO_GH_APP_KEY_%d" $at) }}
{{- with .apiUrl }}{{ $_ := set $entry "github_api_url" . }}{{ end }}
{{ include "double.addon.secret" (list $entry.github_app_private_key_env .privateKeySecret.name .privateKeySecret.key) }}
{{- end }}
{{- $repos = append $repos $entry }}
{{- end }}
{{- with $repos }}
- name: SKILL_REPOS
  value: {{ toJson . | quote }}
- name: SKILL_REPOS_DIR
  value: /var/holmes/skill-repos
{{- end }}
{{- end }}
