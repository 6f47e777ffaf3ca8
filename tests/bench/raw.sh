#!/bin/bash
# raw.sh NAMESPACE PORT: the guide's commands for one installation, as somebody types them. Secrets come from files.
set -euo pipefail
namespace=$1 port=$2

mark() { # NAME: what ends now, the time in microseconds, and the first line of the control group's processor time
    local usage
    read -r usage <"$HOLMES_BENCH_USAGE"
    echo "$1 ${EPOCHREALTIME/./} $usage" >>"$STEPS"
}

before() {
    kubectl create namespace "$namespace" --dry-run=client -o yaml | kubectl apply -f -
    kubectl create secret generic holmes-secrets -n "$namespace" --from-file=openai-api-key="$KEY_FILE" \
        --dry-run=client -o yaml | kubectl apply -f -
    kubectl create secret generic site-registry -n "$namespace" --type=kubernetes.io/dockerconfigjson \
        --from-file=.dockerconfigjson="$LOGIN_FILE" --dry-run=client -o yaml | kubectl apply -f -
}

chat() {
    kubectl port-forward "svc/$namespace-holmes" "$port:80" -n "$namespace" >/dev/null &
    trap 'kill $!' EXIT
    for _ in {1..100}; do
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
        sleep 0.05
    done
    curl -sS --fail -X POST "http://127.0.0.1:$port/api/chat" -H "Content-Type: application/json" \
        -d "{\"ask\": \"list pods in namespace $namespace\", \"model\": \"gpt-oss-120b\"}"
}

mark begin
before
mark before
helm upgrade --install "$namespace" "$CHART" -n "$namespace" -f "$VALUES" --wait --timeout 5m
mark helm
kubectl get pods -n "$namespace"
mark pods
chat
mark chat
