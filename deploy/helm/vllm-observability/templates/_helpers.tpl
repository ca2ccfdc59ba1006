{{/* At most 40 characters, because names of boards are put behind it. What is cut ends with a hash of the whole name, so
that two long names stay two. */}}
{{- define "vllm-observability.short" -}}
{{- if gt (len .) 40 -}}
{{- printf "%s-%s" (. | trunc 31 | trimAll "-.") (sha256sum . | trunc 8) -}}
{{- else -}}
{{- . | trimAll "-." -}}
{{- end -}}
{{- end -}}

{{- define "vllm-observability.name" -}}
{{- include "vllm-observability.short" (.Values.nameOverride | default .Chart.Name) -}}
{{- end -}}

{{- define "vllm-observability.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- if .Values.fullnameOverride -}}
{{- include "vllm-observability.short" .Values.fullnameOverride -}}
{{- else if contains $name .Release.Name -}}
{{- include "vllm-observability.short" .Release.Name -}}
{{- else -}}
{{- include "vllm-observability.short" (printf "%s-%s" .Release.Name $name) -}}
{{- end -}}
{{- end -}}

{{- define "vllm-observability.release" -}}
{{- printf "%s/%s" .Release.Namespace .Release.Name | sha256sum | trunc 6 }}-
{{- end -}}

{{/* What tells this release's boards from those of another one in a Grafana that has both; empty where they are shared. */}}
{{- define "vllm-observability.own" -}}
{{- $boards := .Values.dashboards -}}
{{- if and (not $boards.shared) (or $boards.sidecar.enabled $boards.grafanaOperator.enabled) -}}
{{- include "vllm-observability.release" . -}}
{{- end -}}
{{- end -}}

{{/* Without its kind a cluster refuses the whole release, in words that name no way out. Only a cluster knows kinds: what is
rendered without one is not refused. `dict "known" .Capabilities.APIVersions "kind" "group/version/Kind" "value" "rules.enabled"` */}}
{{- define "vllm-observability.needs" -}}
{{- if and (.known.Has "apps/v1/Deployment") (not (.known.Has .kind)) -}}
{{- include "vllm-observability.missing" . -}}
{{- end -}}
{{- end -}}

{{- define "vllm-observability.missing" -}}
{{- $from := dict
    "monitoring.coreos.com" "the Prometheus operator (kube-prometheus-stack has it), or set operator to what you have"
    "operator.victoriametrics.com" "the VictoriaMetrics operator (victoria-metrics-k8s-stack has it)"
    "grafana.integreatly.org" "the Grafana operator, or leave it to Grafana's sidecar"
    "keda.sh" "KEDA" -}}
{{- $parts := splitList "/" .kind -}}
{{- fail (printf "%s needs the kind %s of %s/%s, which this cluster does not have: install %s" .value (last $parts) (first $parts) (index $parts 1) (get $from (first $parts))) -}}
{{- end -}}

{{/* Rules are about every server that a Prometheus scrapes. `dict "root" . "items" (those that are there)` */}}
{{- define "vllm-observability.checkAlone" -}}
{{- $root := .root -}}
{{- range .items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- $chart := get $labels "helm.sh/chart" | default "" -}}
{{- $release := get $labels "app.kubernetes.io/instance" | default "" -}}
{{- if and (hasPrefix (printf "%s-" $root.Chart.Name) $chart) (ne $release $root.Release.Name) -}}
{{- fail (printf "release %s has these rules in namespace %s already, and all would be evaluated twice: set rules.enabled: false here, or rules.shared: true where another Prometheus reads these" $release .metadata.namespace) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "vllm-observability.ownLabels" -}}
app.kubernetes.io/name: {{ include "vllm-observability.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The chart's own labels stand above a site's, and no label comes twice. */}}
{{- define "vllm-observability.labels" -}}
{{- merge (include "vllm-observability.ownLabels" . | fromYaml) .Values.commonLabels | toYaml -}}
{{- end -}}

{{/* Labels of what an operator reads: those by which it picks, too. */}}
{{- define "vllm-observability.operatorLabels" -}}
{{- merge (include "vllm-observability.ownLabels" . | fromYaml) .Values.operatorLabels .Values.commonLabels | toYaml -}}
{{- end -}}

{{/* {folder in files: start of a board's names}, for the forms that are chosen. */}}
{{- define "vllm-observability.forms" -}}
{{- if has .Values.dashboards.form (list "raw" "both") }}
dashboards: vllm-
{{- end }}
{{- if has .Values.dashboards.form (list "fleet" "both") }}
dashboards/fleet: vllm-fleet-
{{- end }}
{{- end -}}

{{/*
A threshold or an objective of the values instead of the built one: the number behind the last `*` of a rule. That the
rest of a rule stays as it was built is what tests hold.
*/}}
{{- define "vllm-observability.withNumber" -}}
{{- regexReplaceAll "\\* [0-9.e+-]+$" .expr (printf "* %v" .value) -}}
{{- end -}}

{{/*
The groups of a rule file with the values put in. `dict "root" . "file" "vllm-alerts.yaml"`. Rules are data here and never
templates, so that what Prometheus is to fill in ({{ "{{ $labels.model_name }}" }}) comes through as it is.
*/}}
{{- define "vllm-observability.groups" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $known := $root.Files.Get "files/thresholds.yaml" | fromYaml -}}
{{- $groups := list -}}
{{- range $group := ($root.Files.Get (printf "files/rules/%s" .file) | fromYaml).groups -}}
  {{- $rules := list -}}
  {{- range $rule := $group.rules -}}
    {{- $name := $rule.record | default "" -}}
    {{- if hasSuffix ":threshold" $name -}}
      {{- $check := $name | trimPrefix "model:vllm_" | trimSuffix ":threshold" -}}
      {{- $severity := $rule.labels.severity -}}
      {{- $value := dig $check $severity "" $values.thresholds -}}
      {{- if ne (toString $value) "" -}}
        {{- $_ := set $rule "expr" (include "vllm-observability.withNumber" (dict "expr" $rule.expr "value" $value)) -}}
      {{- end -}}
      {{- $branches := list -}}
      {{- range $one := $values.modelThresholds -}}
        {{- $own := dig $check $severity "" $one.thresholds -}}
        {{- if ne (toString $own) "" -}}
          {{- $match := $one.match | replace "\\" "\\\\" | replace "\"" "\\\"" | replace "\n" "\\n" -}}
          {{- $branch := (index $known $check).model | replace "@value@" (toString $own) | replace "@match@" $match -}}
          {{- $branches = append $branches $branch -}}
        {{- end -}}
      {{- end -}}
      {{- $_ := set $rule "expr" (append $branches $rule.expr | join "\nor\n") -}}
    {{- else if hasSuffix ":objective" $name -}}
      {{- $kind := $name | trimPrefix "model:vllm_slo_" | trimSuffix ":objective" -}}
      {{- $value := dig $kind "" $values.objectives -}}
      {{- if ne (toString $value) "" -}}
        {{- $_ := set $rule "expr" (include "vllm-observability.withNumber" (dict "expr" $rule.expr "value" $value)) -}}
      {{- end -}}
    {{- else if $rule.alert -}}
      {{- with $values.rules.alertLabels -}}
        {{- $_ := set $rule "labels" (merge (dict) $rule.labels .) -}}
      {{- end -}}
      {{- with $values.rules.runbookUrl -}}
        {{- $_ := set $rule.annotations "runbook_url" (replace "{alert}" $rule.alert .) -}}
      {{- end -}}
      {{- if ne $values.dashboards.form "both" -}}
        {{- $start := eq $values.dashboards.form "fleet" | ternary "vllm-obs-fleet-" "vllm-obs-" -}}
        {{- $_ := set $rule.annotations "dashboard_url" ($rule.annotations.dashboard_url | replace "vllm-obs-fleet-" "vllm-obs-" | replace "vllm-obs-" $start) -}}
      {{- end -}}
      {{- $_ := set $rule.annotations "dashboard_url" (replace "vllm-obs-" (printf "vllm-obs-%s" (include "vllm-observability.own" $root)) $rule.annotations.dashboard_url) -}}
      {{- with $values.rules.dashboardUrl -}}
        {{- $was := $rule.annotations.dashboard_url -}}
        {{- $board := regexReplaceAll "^[^?]*(vllm-obs-[a-z0-9-]+).*$" $was "${1}" -}}
        {{- $_ := set $rule.annotations "dashboard_url" (printf "%s%s" (replace "{board}" $board .) (regexFind "[?].*$" $was)) -}}
      {{- end -}}
    {{- end -}}
    {{- if not (and $rule.alert (has $rule.alert $values.rules.alertsOff)) -}}
      {{- $rules = append $rules $rule -}}
    {{- end -}}
  {{- end -}}
  {{- if $rules -}}
    {{- if not $values.rules.shared -}}
      {{- $_ := set $group "name" (replace "vllm-" (printf "vllm-%s" (include "vllm-observability.release" $root)) $group.name) -}}
    {{- end -}}
    {{- $groups = append $groups (set $group "rules" $rules) -}}
  {{- end -}}
{{- end -}}
{{- dict "groups" $groups | toYaml -}}
{{- end -}}

{{/* A warning threshold past the critical one would never be a warning. */}}
{{- define "vllm-observability.checkOrder" -}}
{{- $known := .root.Files.Get "files/thresholds.yaml" | fromYaml -}}
{{- $values := .root.Values -}}
{{- $place := .place -}}
{{- range $check, $own := .thresholds -}}
  {{- $bounds := deepCopy (index $known $check).bounds -}}
  {{- range $numbers := list (index $values.thresholds $check | default dict) ($own | default dict) -}}
    {{- range $severity, $number := $numbers -}}
      {{- if not (kindIs "invalid" $number) -}}
        {{- $_ := set $bounds $severity $number -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if and (hasKey $bounds "warning") (hasKey $bounds "critical") -}}
    {{- $warning := float64 $bounds.warning -}}
    {{- $critical := float64 $bounds.critical -}}
    {{- $fine := ternary (lt $warning $critical) (gt $warning $critical) (eq (index $known $check).op ">") -}}
    {{- if not $fine -}}
      {{- fail (printf "%s.%s: the warning threshold (%v) must come before the critical one (%v)" $place $check $warning $critical) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{/* Seconds of 15s, 1m or 500ms. */}}
{{- define "vllm-observability.seconds" -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- mulf (regexFind "^[0-9]+" . | float64) (get (dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0) $unit) -}}
{{- end -}}

{{/* A longer interval leaves windows of the rules without the samples that they need, an engine that stalls unseen. */}}
{{- define "vllm-observability.checkScrape" -}}
{{- $scrape := .Values.scrape -}}
{{- $interval := include "vllm-observability.seconds" $scrape.interval | float64 -}}
{{- if not (gt $interval 0.0) -}}
{{- fail "scrape.interval: 0 is not an interval" -}}
{{- end -}}
{{- if gt $interval 15.0 -}}
{{- fail (printf "scrape.interval: %s is longer than the 15s that the rules are built for; build with scrape_interval: %s and a rate_window of four intervals at least, and install the chart of that bundle" $scrape.interval $scrape.interval) -}}
{{- end -}}
{{- with $scrape.timeout -}}
{{- $timeout := include "vllm-observability.seconds" . | float64 -}}
{{- if or (gt $timeout $interval) (not (gt $timeout 0.0)) -}}
{{- fail (printf "scrape.timeout: %s must be more than 0 and at most scrape.interval (%s), or no target is scraped" . $scrape.interval) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Every receiver that a route names, however deep, is one of `names`. `dict "route" … "names" … "place" …` */}}
{{- define "vllm-observability.checkRoute" -}}
{{- $names := .names -}}
{{- $place := .place -}}
{{- if hasKey .route "receiver" -}}
{{- if not (has .route.receiver $names) -}}
{{- fail (printf "%s.receiver is %v, which is none of the receivers (%s)" $place .route.receiver (join ", " $names)) -}}
{{- end -}}
{{- end -}}
{{- range $i, $route := .route.routes -}}
{{- include "vllm-observability.checkRoute" (dict "route" $route "names" $names "place" (printf "%s.routes.%d" $place $i)) -}}
{{- end -}}
{{- end -}}

{{/* The receivers of the values, each with the message of this bundle where it has none of its own: Alertmanager's own lists
every alert. An AlertmanagerConfig can't bring templates, so each text has the definitions that it names before it. */}}
{{- define "vllm-observability.receivers" -}}
{{- $definitions := .Files.Get "files/vllm.tmpl" -}}
{{- $messages := .Files.Get "files/messages.yaml" | replace "{{ template " "@definitions@{{ template " | fromYaml -}}
{{- range $receiver := .Values.alertmanagerConfig.receivers -}}
{{- range $kind, $says := $messages -}}
{{- range $config := index $receiver $kind -}}
{{- range $field, $text := $says -}}
{{- if kindIs "invalid" (index $config $field) -}}
{{- if kindIs "string" $text -}}
{{- $text = replace "@definitions@" $definitions $text -}}
{{- else if kindIs "slice" $text -}}
{{- range $pair := $text -}}
{{- $_ := set $pair "value" (replace "@definitions@" $definitions $pair.value) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $config $field (deepCopy $text) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml .Values.alertmanagerConfig.receivers -}}
{{- end -}}

{{/* What both operators call the same of a scrape endpoint, and the relabelling under the names of the one that is used. */}}
{{- define "vllm-observability.endpoint" -}}
{{- $scrape := .root.Values.scrape -}}
{{- $victoria := eq .root.Values.operator "victoria-metrics-operator" -}}
{{- if kindIs "string" .port }}
port: {{ .port | quote }}
{{- else if and .pod (not $victoria) }}
portNumber: {{ .port }}
{{- else }}
targetPort: {{ .port }}
{{- end }}
path: {{ $scrape.path }}
interval: {{ $scrape.interval }}
{{- with $scrape.timeout }}
scrapeTimeout: {{ . }}
{{- end }}
scheme: {{ $scrape.scheme }}
{{- with $scrape.tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $scrape.bearerTokenSecret }}
authorization:
  type: Bearer
  credentials:
    name: {{ required "scrape.bearerTokenSecret.name is missing" .name | quote }}
    key: {{ required "scrape.bearerTokenSecret.key is missing" .key | quote }}
{{- end }}
{{- $targets := list -}}
{{- with $scrape.job -}}
{{- $targets = append $targets (dict "targetLabel" "job" "replacement" .) -}}
{{- end -}}
{{- $targets = concat $targets (.root.Files.Get "files/pod-as-instance.yaml" | fromYamlArray) -}}
{{- with concat $targets $scrape.relabelings }}
{{ ternary "relabelConfigs" "relabelings" $victoria }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $metrics := list -}}
{{- if $scrape.dropUnused -}}
{{- $metrics = .root.Files.Get "files/drop-unused.yaml" | fromYamlArray -}}
{{- end -}}
{{- range $scrape.dropLabels -}}
{{- $metrics = append $metrics (dict "action" "labeldrop" "regex" .) -}}
{{- end -}}
{{- with concat $metrics $scrape.metricRelabelings }}
{{ ternary "metricRelabelConfigs" "metricRelabelings" $victoria }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
