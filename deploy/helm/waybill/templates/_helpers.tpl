{{- define "waybill.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* What never changes of a role's pods. */ -}}
{{- define "waybill.selector" -}}
app.kubernetes.io/name: waybill
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "waybill.podLabels" -}}
{{ include "waybill.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
{{- end -}}

{{- define "waybill.labels" -}}
{{ include "waybill.podLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "waybill.metadata" -}}
name: {{ include "waybill.fullname" .root }}-{{ .name | default .role }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "waybill.labels" . | nindent 2 }}
{{- end -}}

{{- /* A reference by digest never changes; one by tag is what the registry has. */ -}}
{{- define "waybill.image" -}}
{{- $tag := .image.tag | default .root.Chart.AppVersion -}}
{{- $name := printf "%s/%s" .root.Values.image.registry .image.repository -}}
{{- if .image.digest -}}{{ $name }}@{{ .image.digest }}{{- else -}}{{ $name }}:{{ $tag }}{{- end -}}
{{- end -}}

{{- define "waybill.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "waybill.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* What every pod has. Without `enableServiceLinks` names of Services would become variables such as WAYBILL_ORDERS_PORT. */ -}}
{{- define "waybill.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.serviceAccountName }}
serviceAccountName: {{ . }}
{{- end }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "waybill.spread" -}}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "waybill.selector" . | nindent 6 }}
{{- end -}}

{{- define "waybill.secret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .from.secret }}
      key: {{ .from.key }}
{{- end -}}

{{- /* A database's URL; with a certificate authority, the parameters that have it checked are added to what the Secret has. */ -}}
{{- define "waybill.databaseUrl" -}}
{{- $name := upper .database -}}
{{- if .ca.secret -}}
{{ include "waybill.secret" (dict "name" (printf "%s_DATABASE_URI" $name) "from" .from) }}
- name: {{ $name }}_DATABASE_URL
  value: $({{ $name }}_DATABASE_URI)?sslmode=verify-full&sslrootcert=/authorities/{{ .database }}/{{ .ca.key }}
{{- else -}}
{{ include "waybill.secret" (dict "name" (printf "%s_DATABASE_URL" $name) "from" .from) }}
{{- end -}}
{{- end -}}

{{- /* The certificate authorities of what a role connects to: name → {secret, key}. */ -}}
{{- define "waybill.authorities" -}}
{{- $values := .root.Values -}}
{{- $all := dict -}}
{{- range .databases }}{{- $_ := set $all . (index $values.databases .).ca }}{{- end -}}
{{- if and .broker $values.broker.enabled }}{{- $_ := set $all "broker" $values.broker.ca }}{{- end -}}
{{- range $name, $ca := $all }}{{- if not $ca.secret }}{{- $_ := unset $all $name }}{{- end }}{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{- /* The certificate only: such a Secret may have the authority's private key beside it. */ -}}
{{- define "waybill.authorityVolumes" -}}
{{- range $name, $ca := . }}
- name: authority-{{ $name }}
  secret:
    secretName: {{ $ca.secret }}
    items:
      - key: {{ $ca.key }}
        path: {{ $ca.key }}
{{- end }}
{{- end -}}

{{- define "waybill.authorityMounts" -}}
{{- range $name, $_ := . }}
- name: authority-{{ $name }}
  mountPath: /authorities/{{ $name }}
  readOnly: true
{{- end }}
{{- end -}}

{{- /*
The Deployment of a role: `role`, `args`, `databases`, `broker` (whether it connects to RabbitMQ), `environment` (what it sets besides),
`secrets` (variable → {secret, key}), `port` (that of callers, if there is one).
*/ -}}
{{- define "waybill.deployment" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $own := index $values .role -}}
{{- $broker := and .broker $values.broker.enabled -}}
{{- $environment := dict "WAYBILL_ADMIN_LISTEN" (printf "%s:9464" $values.listenAddress) "WAYBILL_LOG_FORMAT" "json" -}}
{{- with $values.telemetry.otlpEndpoint }}
{{- $_ := set $environment "OTEL_EXPORTER_OTLP_ENDPOINT" . }}
{{- /* Prometheus reads them. */ -}}
{{- $_ := set $environment "OTEL_METRICS_EXPORTER" "none" }}
{{- end }}
{{- $environment = merge (.environment | default dict) $environment -}}
{{- if and $broker $values.broker.ca.secret }}
{{- $_ := set $environment "WAYBILL_BROKER_CA_FILE" (printf "/authorities/broker/%s" $values.broker.ca.key) }}
{{- end }}
{{- $environment = mergeOverwrite $environment $values.settings $own.settings -}}
{{- $authorities := fromYaml (include "waybill.authorities" .) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "waybill.metadata" . | nindent 2 }}
spec:
  replicas: {{ if hasKey $own "replicas" }}{{ $own.replicas }}{{ else }}1{{ end }}
  selector:
    matchLabels:
      {{- include "waybill.selector" . | nindent 6 }}
  strategy:
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  template:
    metadata:
      labels:
        {{- include "waybill.podLabels" . | nindent 8 }}
        waybill-admin: "true"
      {{- with $values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "waybill.pod" $root | nindent 6 }}
      securityContext:
        {{- include "waybill.podSecurity" 65532 | nindent 8 }}
      {{- /* After the drain requests in flight have 10 s. A role without callers ends within 30 s. */}}
      terminationGracePeriodSeconds: {{ if .port }}{{ add $values.drainDelayS 30 }}{{ else }}30{{ end }}
      topologySpreadConstraints:
        {{- include "waybill.spread" . | nindent 8 }}
      containers:
        - name: {{ .role }}
          image: {{ include "waybill.image" (dict "root" $root "image" $values.image) }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args: {{ toJson .args }}
          env:
            {{- range .databases }}
            {{- $database := index $values.databases . }}
            {{- include "waybill.databaseUrl" (dict "database" . "from" $database "ca" $database.ca) | nindent 12 }}
            {{- end }}
            {{- if $broker }}
            {{- include "waybill.secret" (dict "name" "BROKER_URL" "from" $values.broker) | nindent 12 }}
            {{- end }}
            {{- range $name, $from := .secrets }}
            {{- include "waybill.secret" (dict "name" $name "from" $from) | nindent 12 }}
            {{- end }}
            {{- range $name, $value := $environment }}
            - name: {{ $name }}
              value: {{ $value | toString | quote }}
            {{- end }}
          ports:
            {{- with .port }}
            - name: http
              containerPort: {{ . }}
            {{- end }}
            - name: admin
              containerPort: 9464
          {{- /* Nothing answers before the database is reached and the component is compiled, which takes a while on another CPU. */}}
          startupProbe:
            httpGet: { path: /livez, port: admin }
            periodSeconds: 2
            timeoutSeconds: 3
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /livez, port: admin }
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 3
          readinessProbe:
            httpGet: { path: /readyz, port: admin }
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          resources:
            {{- toYaml $own.resources | nindent 12 }}
          securityContext:
            {{- include "waybill.containerSecurity" . | nindent 12 }}
          {{- if or $authorities $own.volumeMounts }}
          volumeMounts:
            {{- with $authorities }}
            {{- include "waybill.authorityMounts" . | trim | nindent 12 }}
            {{- end }}
            {{- with $own.volumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          {{- end }}
      {{- if or $authorities $own.volumes }}
      volumes:
        {{- with $authorities }}
        {{- include "waybill.authorityVolumes" . | trim | nindent 8 }}
        {{- end }}
        {{- with $own.volumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
{{- end -}}

{{- /* At most one pod of a role is evicted at a time; one that is not ready anyway never holds up a node. */ -}}
{{- define "waybill.budget" -}}
{{- if gt (int (index .root.Values .role).replicas) 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "waybill.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "waybill.selector" . | nindent 6 }}
{{- end }}
{{- end -}}

{{- /*
The Services of orders or invoices. The second one has each copy's address, whether it is ready or not, for Kong: its own check takes out a
copy that ends, and lets one answer whose RabbitMQ is unavailable.
*/ -}}
{{- define "waybill.services" }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "waybill.metadata" . | nindent 2 }}
spec:
  selector:
    {{- include "waybill.selector" . | nindent 4 }}
  ports:
    - name: http
      port: {{ .port }}
      targetPort: http
{{- if .root.Values.gateway.enabled }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "waybill.metadata" (merge (dict "name" (printf "%s-each" .role)) .) | nindent 2 }}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    {{- include "waybill.selector" . | nindent 4 }}
  ports:
    - name: http
      port: {{ .port }}
      targetPort: http
{{- end }}
{{- end -}}
