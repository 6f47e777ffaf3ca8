{{/* SPDX-License-Identifier: GPL-3.0-or-later. A double: see README.md. One line is one rule. */}}
{{- define "double.rules" }}
- {apiGroups: [storage.k8s.io], resources: [storageclasses], verbs: [get, list, watch]}
- {apiGroups: [metrics.k8s.io], resources: [pods, nodes], verbs: [get, list]}
- apiGroups: [""]
  verbs: [get, list, watch]
  resources:
    - configmaps
    - daemonsets
    - deployments
    - events
    - namespaces
    - persistentvolumes
    - persistentvolumeclaims
    - pods
    - pods/status
    - pods/log
    - replicasets
    - replicationcontrollers
    - services
    - serviceaccounts
    - endpoints
- {apiGroups: [""], resources: [nodes], verbs: [get, list, watch]}
- {apiGroups: [apiregistration.k8s.io], resources: [apiservices], verbs: [get, list]}
- {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles, clusterrolebindings], verbs: [get, list, watch]}
- {apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: [get, list, watch]}
- apiGroups: [apps]
  verbs: [get, list, watch]
  resources:
    - daemonsets
    - deployments
    - deployments/scale
    - replicasets
    - replicasets/scale
    - statefulsets
- apiGroups: [extensions]
  verbs: [get, list, watch]
  resources:
    - daemonsets
    - deployments
    - deployments/scale
    - ingresses
    - replicasets
    - replicasets/scale
    - replicationcontrollers/scale
- {apiGroups: [batch], resources: [cronjobs, jobs], verbs: [get, list, watch]}
- {apiGroups: [events.k8s.io], resources: [events], verbs: [get, list]}
- {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [get, list]}
- apiGroups: [admissionregistration.k8s.io]
  verbs: [get, list, watch]
  resources:
    - mutatingwebhookconfigurations
    - validatingwebhookconfigurations
- {apiGroups: [networking.k8s.io], resources: [ingresses, networkpolicies], verbs: [get, list, watch]}
- {apiGroups: [autoscaling], resources: [horizontalpodautoscalers], verbs: [get, list]}
- {apiGroups: [policy], resources: [poddisruptionbudgets, podsecuritypolicies], verbs: [get, list]}
- {apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles, clusterrolebindings, roles, rolebindings], verbs: [get, list]}
{{- if .Values.openshift }}
- {apiGroups: [apps.openshift.io], resources: [deploymentconfigs], verbs: [get, list, watch]}
{{- end }}
- apiGroups: [monitoring.coreos.com]
  verbs: [get, list, watch]
  resources:
    - alertmanagers
    - alertmanagers/finalizers
    - alertmanagers/status
    - alertmanagerconfigs
    - prometheuses
    - prometheuses/finalizers
    - prometheuses/status
    - prometheusagents
    - prometheusagents/finalizers
    - prometheusagents/status
    - thanosrulers
    - thanosrulers/finalizers
    - thanosrulers/status
    - scrapeconfigs
    - servicemonitors
    - podmonitors
    - probes
    - prometheusrules
{{- if .Values.crdPermissions.argo }}
- apiGroups: [argoproj.io]
  verbs: [get, list, watch]
  resources:
    - applications
    - applicationsets
    - appprojects
    - workflows
    - workflowtemplates
    - cronworkflows
    - rollouts
    - analysisruns
    - analysistemplates
    - experiments
    - eventsources
    - sensors
{{- end }}
{{- if .Values.crdPermissions.flux }}
- apiGroups: [source.toolkit.fluxcd.io]
  verbs: [get, list, watch]
  resources:
    - gitrepositories
    - helmrepositories
    - helmcharts
    - buckets
    - ocirepositories
- {apiGroups: [kustomize.toolkit.fluxcd.io], resources: [kustomizations], verbs: [get, list, watch]}
- {apiGroups: [helm.toolkit.fluxcd.io], resources: [helmreleases], verbs: [get, list, watch]}
- {apiGroups: [notification.toolkit.fluxcd.io], resources: [alerts, providers, receivers], verbs: [get, list, watch]}
{{- end }}
{{- if .Values.crdPermissions.kafka }}
- apiGroups: [kafka.strimzi.io]
  verbs: [get, list, watch]
  resources:
    - kafkas
    - kafkatopics
    - kafkausers
    - kafkaconnects
    - kafkaconnectors
    - kafkamirrormakers
    - kafkabridges
    - kafkarebalances
{{- end }}
{{- if .Values.crdPermissions.keda }}
- apiGroups: [keda.sh]
  verbs: [get, list, watch]
  resources:
    - scaledobjects
    - scaledjobs
    - triggerauthentications
    - clustertriggerauthentications
{{- end }}
{{- if .Values.crdPermissions.crossplane }}
- {apiGroups: [pkg.crossplane.io], resources: [providers, configurations, functions], verbs: [get, list, watch]}
- {apiGroups: [apiextensions.crossplane.io], resources: [compositions, compositeresourcedefinitions], verbs: [get, list, watch]}
{{- end }}
{{- if .Values.crdPermissions.istio }}
- apiGroups: [networking.istio.io]
  verbs: [get, list, watch]
  resources:
    - virtualservices
    - destinationrules
    - gateways
    - serviceentries
    - sidecars
    - workloadentries
    - workloadgroups
    - proxyconfigs
    - envoyfilters
- {apiGroups: [telemetry.istio.io], resources: [telemetries], verbs: [get, list, watch]}
{{- end }}
{{- if .Values.crdPermissions.gatewayApi }}
- apiGroups: [gateway.networking.k8s.io]
  verbs: [get, list, watch]
  resources:
    - gatewayclasses
    - gateways
    - httproutes
    - tcproutes
    - tlsroutes
    - udproutes
    - grpcroutes
    - referencegrants
{{- end }}
{{- if .Values.crdPermissions.velero }}
- apiGroups: [velero.io]
  verbs: [get, list, watch]
  resources:
    - backups
    - restores
    - schedules
    - backupstoragelocations
    - volumesnapshotlocations
    - podvolumebackups
    - podvolumerestores
    - downloadrequests
    - deletebackuprequests
    - serverstatusrequests
{{- end }}
{{- if .Values.crdPermissions.externalSecrets }}
- apiGroups: [external-secrets.io]
  verbs: [get, list, watch]
  resources:
    - externalsecrets
    - secretstores
    - clustersecretstores
    - clusterexternalsecrets
{{- end }}
{{- end }}
