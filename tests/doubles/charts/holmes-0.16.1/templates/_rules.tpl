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
{{- end }}
