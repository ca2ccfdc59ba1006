// Emitted by vllm-obs build: choose in _config, or change the settings and build again.
function(chosen) {
  groups: [
    {
      name: 'vllm-alerts',
      rules: [
        {
          alert: 'VllmTargetDown',
          expr: 'min by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (up) == 0\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nengine:vllm_target_seen:up\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\n(count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n  min by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (up) == 0\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\n  engine:vllm_target_seen:up\n) / on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (engine:vllm_target_seen:up)) >= 0.5',
          [if chosen.hold('target_down', 'critical') != null then 'for']: chosen.hold('target_down', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: "Prometheus can't scrape a vLLM server.",
            description: "Prometheus can't scrape {{ $labels.instance }}.",
            runbook_url: chosen.runbook_url[0] + 'VllmTargetDown' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmTargetDown',
          expr: 'min by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (up) == 0\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nengine:vllm_target_seen:up\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\n(count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n  min by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (up) == 0\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\n  engine:vllm_target_seen:up\n) / on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (engine:vllm_target_seen:up)) < 0.5',
          [if chosen.hold('target_down_alone', 'warning') != null then 'for']: chosen.hold('target_down_alone', 'warning'),
          labels: {
            severity: 'warning',
            of: 'one',
          },
          annotations: {
            summary: "Prometheus can't scrape one of several vLLM servers.",
            description: "Prometheus can't scrape {{ $labels.instance }}, while most of its deployment answers.",
            runbook_url: chosen.runbook_url[0] + 'VllmTargetDown' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmTargetDown',
          expr: 'min by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (up{' + chosen.target_selector + ',job!~".*(router|gateway|proxy|epp).*"}) == 0\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nengine:vllm_target_seen:up',
          [if chosen.hold('target_never_up', 'warning') != null then 'for']: chosen.hold('target_never_up', 'warning'),
          labels: {
            severity: 'warning',
            of: 'start',
          },
          annotations: {
            summary: 'A new vLLM server has never answered Prometheus.',
            description: '{{ $labels.instance }} has been a scrape target for a while and has never answered.',
            runbook_url: chosen.runbook_url[0] + 'VllmTargetDown' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmScrapesFailing',
          expr: 'engine:vllm_scrapes_failing:ratio\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_scrapes_failing:threshold{severity="warning"}',
          [if chosen.hold('scrapes_failing', 'warning') != null then 'for']: chosen.hold('scrapes_failing', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'Scrapes of a vLLM server fail now and then.',
            description: '{{ $value | humanizePercentage }} of the scrapes of {{ $labels.instance }} fail (threshold {{ with query (printf `model:vllm_scrapes_failing:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmScrapesFailing' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmModelVanished',
          expr: 'last_over_time(model:vllm_in_use:bool_rate5m[12h:1m]) > 0\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', model_name)\nmodel:vllm_requests_running:sum',
          [if chosen.hold('model_vanished', 'critical') != null then 'for']: chosen.hold('model_vanished', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'A model that was served has no vLLM engine left.',
            description: '{{ $labels.model_name }} was in use when its last engine went, and has none.',
            runbook_url: chosen.runbook_url[0] + 'VllmModelVanished' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmReplicasLost',
          expr: 'count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', model_name) (engine:vllm_requests_running:sum) <= 0.5 * quantile_over_time(0.5, (count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', model_name) (engine:vllm_requests_running:sum))[2h:5m])\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', model_name)\ncount by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', model_name) (engine:vllm_engine_gone:requests) >= 0.5 * quantile_over_time(0.5, (count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', model_name) (engine:vllm_requests_running:sum))[2h:5m])\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', model_name)\ncount by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', model_name) (engine:vllm_engine_gone:requests > 0) >= 0.25 * quantile_over_time(0.5, (count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', model_name) (engine:vllm_requests_running:sum))[2h:5m])',
          [if chosen.hold('replicas_lost', 'warning') != null then 'for']: chosen.hold('replicas_lost', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'A vLLM model lost half of its engines or more while they had requests.',
            description: '{{ $labels.model_name }} has half of its usual engines or fewer: others went while they had requests.',
            runbook_url: chosen.runbook_url[0] + 'VllmReplicasLost' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRestarting',
          expr: 'engine:vllm_engine_restarts:resets30m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_restarting:threshold{severity="warning"}',
          [if chosen.hold('restarting', 'warning') != null then 'for']: chosen.hold('restarting', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'A vLLM engine keeps restarting.',
            description: '{{ $labels.instance }} ({{ $labels.model_name }}) restarted {{ $value | printf "%.3g" }} times in 30 minutes.',
            runbook_url: chosen.runbook_url[0] + 'VllmRestarting' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}{{ with $labels.engine }}&var-engine={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRestarting',
          expr: 'engine:vllm_engine_restarts:sum6h\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_restarting_slowly:threshold{severity="warning"}',
          [if chosen.hold('restarting_slowly', 'warning') != null then 'for']: chosen.hold('restarting_slowly', 'warning'),
          labels: {
            severity: 'warning',
            window: '6h',
          },
          annotations: {
            summary: 'A vLLM engine keeps restarting over hours.',
            description: '{{ $labels.instance }} ({{ $labels.model_name }}) restarted {{ $value | printf "%.3g" }} times in 6 hours (threshold {{ with query (printf `model:vllm_restarting_slowly:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | printf "%.3g" }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmRestarting' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}{{ with $labels.engine }}&var-engine={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRestarting',
          expr: 'engine:vllm_process_starts_unseen:changes30m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_starting_again:threshold{severity="warning"}',
          [if chosen.hold('starting_again', 'warning') != null then 'for']: chosen.hold('starting_again', 'warning'),
          labels: {
            severity: 'warning',
            of: 'process',
          },
          annotations: {
            summary: 'A vLLM server keeps starting without getting to work.',
            description: '{{ $labels.instance }} started {{ $value | printf "%.3g" }} times in 30 minutes, without work in between.',
            runbook_url: chosen.runbook_url[0] + 'VllmRestarting' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRestarting',
          expr: 'engine:vllm_process_starts_unseen:sum6h\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_starting_again_slowly:threshold{severity="warning"}',
          [if chosen.hold('starting_again_slowly', 'warning') != null then 'for']: chosen.hold('starting_again_slowly', 'warning'),
          labels: {
            severity: 'warning',
            of: 'process',
            window: '6h',
          },
          annotations: {
            summary: 'A vLLM server keeps starting over hours without getting to work.',
            description: '{{ $labels.instance }} started {{ $value | printf "%.3g" }} times in 6 hours, without work in between (threshold {{ with query (printf `model:vllm_starting_again_slowly:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job) }}{{ . | first | value | printf "%.3g" }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmRestarting' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRestarting',
          expr: 'model:vllm_addresses_unexplained:count\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_restarting_elsewhere:threshold{severity="warning"}',
          [if chosen.hold('restarting_elsewhere', 'warning') != null then 'for']: chosen.hold('restarting_elsewhere', 'warning'),
          labels: {
            severity: 'warning',
            of: 'address',
          },
          annotations: {
            summary: 'Servers of a vLLM model keep being replaced.',
            description: '{{ $labels.model_name }} was served at {{ $value | printf "%.3g" }} more addresses in an hour than a rollout explains.',
            runbook_url: chosen.runbook_url[0] + 'VllmRestarting' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRestarting',
          expr: 'model:vllm_addresses_unexplained:sum6h\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_restarting_elsewhere_slowly:threshold{severity="warning"}',
          [if chosen.hold('restarting_elsewhere_slowly', 'warning') != null then 'for']: chosen.hold('restarting_elsewhere_slowly', 'warning'),
          labels: {
            severity: 'warning',
            of: 'address',
            window: '6h',
          },
          annotations: {
            summary: 'Servers of a vLLM model keep being replaced over hours.',
            description: '{{ $labels.model_name }} lost {{ $value | printf "%.3g" }} more servers with requests on them in 6 hours than two rollouts explain.',
            runbook_url: chosen.runbook_url[0] + 'VllmRestarting' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmEngineStalled',
          expr: 'engine:vllm_requests_running:sum + engine:vllm_requests_waiting:sum > 0\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (count_over_time(' + chosen.metric_prefix + 'generation_tokens_total[120s])) >= 2\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\n(\n  engine:vllm_requests_waiting:sum > 0\n  or\n  engine:vllm_requests_running:sum > 1\n  or\n  engine:vllm_requests_running:sum and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (rate(' + chosen.metric_prefix + 'generation_tokens_total[120s]) > 0 or rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_count[120s]) > 0)\n)\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (rate(' + chosen.metric_prefix + 'generation_tokens_total[120s])) > 0\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (rate(' + chosen.metric_prefix + 'iteration_tokens_total_count[120s])) > 0\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_count[120s])) > 0\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (rate(' + chosen.metric_prefix + 'prompt_tokens_total[120s])) > 0\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\nmax by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) ((changes(' + chosen.metric_prefix + 'kv_cache_usage_perc[120s]) or changes(' + chosen.metric_prefix + 'gpu_cache_usage_perc[120s]))) > 0\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\nmax by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (last_over_time(' + chosen.metric_prefix + 'engine_sleep_state{sleep_state!="awake"}[120s])) == 1\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\nmax by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (max_over_time(' + chosen.metric_prefix + 'rl_weight_update_operations_in_flight[5m]) > 0 or max_over_time(' + chosen.metric_prefix + 'sleep_mode_operations_in_flight[5m]) > 0)',
          [if chosen.hold('engine_stalled', 'critical') != null then 'for']: chosen.hold('engine_stalled', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'A vLLM engine has requests but makes no progress.',
            description: '{{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) has {{ $value | printf "%.3g" }} requests, but makes neither a step nor a token.',
            runbook_url: chosen.runbook_url[0] + 'VllmEngineStalled' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}{{ with $labels.engine }}&var-engine={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmMetricsMissing',
          expr: 'min by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (up{' + chosen.target_selector + ',job!~".*(router|gateway|proxy|epp).*"}) == 1\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\n(' + chosen.metric_prefix + 'num_requests_running or ' + chosen.metric_prefix + 'cache_config_info)',
          [if chosen.hold('metrics_missing', 'warning') != null then 'for']: chosen.hold('metrics_missing', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'A vLLM server is up but exposes no engine metrics.',
            description: '{{ $labels.instance }} is up, but exposes no metric of the engine.',
            runbook_url: chosen.runbook_url[0] + 'VllmMetricsMissing' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmMetricsMissing',
          expr: '(\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (last_over_time(' + chosen.metric_prefix + 'num_requests_running[1h:15m])) unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) last_over_time(' + chosen.metric_prefix + 'num_requests_running[1m:1m])\n  or\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (last_over_time(' + chosen.metric_prefix + 'num_requests_waiting[1h:15m])) unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) last_over_time(' + chosen.metric_prefix + 'num_requests_waiting[1m:1m])\n  or\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (last_over_time(' + chosen.metric_prefix + 'generation_tokens_total[1h:15m])) unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) last_over_time(' + chosen.metric_prefix + 'generation_tokens_total[1m:1m])\n  or\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (last_over_time(' + chosen.metric_prefix + 'request_success_total{finished_reason="stop"}[1h:15m])) unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) last_over_time(' + chosen.metric_prefix + 'request_success_total{finished_reason="stop"}[1m:1m])\n  or\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (last_over_time(' + chosen.metric_prefix + 'time_to_first_token_seconds_count[1h:15m])) unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) last_over_time(' + chosen.metric_prefix + 'time_to_first_token_seconds_count[1m:1m])\n  or\n  group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (last_over_time(' + chosen.metric_prefix + 'e2e_request_latency_seconds_count[1h:15m])) unless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) last_over_time(' + chosen.metric_prefix + 'e2e_request_latency_seconds_count[1m:1m])\n)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance)\n(rate(' + chosen.metric_prefix + 'generation_tokens_total[120s]) > 0 or rate(' + chosen.metric_prefix + 'request_success_total{finished_reason="stop"}[120s]) > 0 or engine:vllm_http_answers:sum_rate5m > 0)',
          [if chosen.hold('families_missing', 'warning') != null then 'for']: chosen.hold('families_missing', 'warning'),
          labels: {
            severity: 'warning',
            of: 'family',
          },
          annotations: {
            summary: 'A vLLM server works, but lost some of its engine metrics.',
            description: '{{ $labels.instance }} works, but no longer shows some metrics of the engine that it showed before.',
            runbook_url: chosen.runbook_url[0] + 'VllmMetricsMissing' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRecordingRulesMissing',
          expr: 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (' + chosen.metric_prefix + 'num_requests_running)\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\nmodel:vllm_requests_running:sum',
          [if chosen.hold('recording_rules_missing', 'warning') != null then 'for']: chosen.hold('recording_rules_missing', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'Recording rules of a scraped vLLM are missing or fail.',
            description: "Engines are scraped, but the recording rules yield nothing for them: most alerts can't fire.",
            runbook_url: chosen.runbook_url[0] + 'VllmRecordingRulesMissing' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmScrapedTooSeldom',
          expr: '300 / max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (count_over_time(up{' + chosen.target_selector + ',job!~".*(router|gateway|proxy|epp).*"}[5m])) > 40',
          [if chosen.hold('scraped_seldom', 'info') != null then 'for']: chosen.hold('scraped_seldom', 'info'),
          labels: {
            severity: 'info',
          },
          annotations: {
            summary: 'Prometheus scrapes vLLM servers less often than these rules were built for.',
            description: 'Prometheus scrapes vLLM servers once in {{ $value | humanizeDuration }}, less often than the rules expect: stalls and failed scrapes are noticed late.',
            runbook_url: chosen.runbook_url[0] + 'VllmScrapedTooSeldom' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmScrapeSlow',
          expr: '(max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (scrape_duration_seconds{' + chosen.target_selector + '}) / 15)\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_scrape_slow:threshold{severity="warning"}',
          [if chosen.hold('scrape_slow', 'warning') != null then 'for']: chosen.hold('scrape_slow', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'Scraping a vLLM server takes long.',
            description: 'A scrape of {{ $labels.instance }} takes {{ $value | humanizePercentage }} of its interval (threshold {{ with query (printf `model:vllm_scrape_slow:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmScrapeSlow' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmEngineOutlier',
          expr: 'engine:vllm_engine_outlier_ttft:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_engine_outlier_ttft:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_time_to_first_token_seconds_count:rate5m * 300) >= 60)\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_generation_tokens:rate5m / (engine:vllm_time_to_first_token_seconds_count:rate5m > 0) <= 1.5)\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_generation_tokens:rate5m / (engine:vllm_time_to_first_token_seconds_count:rate5m > 0)) >= 10\n) > 0)',
          [if chosen.hold('engine_outlier_ttft', 'warning') != null then 'for']: chosen.hold('engine_outlier_ttft', 'warning'),
          labels: {
            severity: 'warning',
            of: 'ttft',
          },
          annotations: {
            summary: 'One vLLM engine is much slower than the others of its model.',
            description: 'First tokens of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) take {{ $value | printf "%.3g" }} times the median of the model\'s engines (threshold {{ with query (printf `model:vllm_engine_outlier_ttft:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | printf "%.3g" }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmEngineOutlier' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}{{ with $labels.engine }}&var-engine={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmEngineOutlier',
          expr: 'engine:vllm_engine_outlier_itl:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_engine_outlier_itl:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_inter_token_latency_seconds_count:rate5m * 300) >= 600)',
          [if chosen.hold('engine_outlier_itl', 'warning') != null then 'for']: chosen.hold('engine_outlier_itl', 'warning'),
          labels: {
            severity: 'warning',
            of: 'itl',
          },
          annotations: {
            summary: 'One vLLM engine is much slower than the others of its model.',
            description: 'Tokens of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) take {{ $value | printf "%.3g" }} times the median of the model\'s engines (threshold {{ with query (printf `model:vllm_engine_outlier_itl:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | printf "%.3g" }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmEngineOutlier' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}{{ with $labels.engine }}&var-engine={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
      ],
    },
    {
      name: 'vllm-alerts-2',
      rules: [
        {
          alert: 'VllmLoadImbalance',
          expr: 'engine:vllm_load_imbalance_kv:distance\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_load_imbalance_kv:threshold{severity="info"}\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_generation_tokens:rate5m / (engine:vllm_time_to_first_token_seconds_count:rate5m > 0) <= 1.5)\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_generation_tokens:rate5m / (engine:vllm_time_to_first_token_seconds_count:rate5m > 0)) >= 10\n) > 0)\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\n((\n  (max_over_time((engine:vllm_prompt_tokens:rate5m)[1h:5m]) == 0 and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) count_over_time((engine:vllm_prompt_tokens:rate5m)[1h:5m]) >= 11) + 1\n) > 0)',
          [if chosen.hold('load_imbalance_kv', 'info') != null then 'for']: chosen.hold('load_imbalance_kv', 'info'),
          labels: {
            severity: 'info',
            of: 'kv_cache',
          },
          annotations: {
            summary: 'Load is spread unevenly over the engines of a vLLM model.',
            description: 'KV cache usage of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) is {{ $value | humanizePercentage }} away from the mean (threshold {{ with query (printf `model:vllm_load_imbalance_kv:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="info"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmLoadImbalance' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}{{ with $labels.engine }}&var-engine={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmLoadImbalance',
          expr: 'engine:vllm_load_imbalance_running:factor\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_load_imbalance_running:threshold{severity="info"}\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_generation_tokens:rate5m / (engine:vllm_time_to_first_token_seconds_count:rate5m > 0) <= 1.5)\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_generation_tokens:rate5m / (engine:vllm_time_to_first_token_seconds_count:rate5m > 0)) >= 10\n) > 0)\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\n((\n  (max_over_time((engine:vllm_prompt_tokens:rate5m)[1h:5m]) == 0 and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) count_over_time((engine:vllm_prompt_tokens:rate5m)[1h:5m]) >= 11) + 1\n) > 0)',
          [if chosen.hold('load_imbalance_running', 'info') != null then 'for']: chosen.hold('load_imbalance_running', 'info'),
          labels: {
            severity: 'info',
            of: 'running',
          },
          annotations: {
            summary: 'Load is spread unevenly over the engines of a vLLM model.',
            description: '{{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) runs {{ $value | printf "%.3g" }} times as many or as few requests as the mean (threshold {{ with query (printf `model:vllm_load_imbalance_running:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="info"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | printf "%.3g" }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmLoadImbalance' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}{{ with $labels.engine }}&var-engine={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmConfigDrift',
          expr: 'model:vllm_config_variants:count\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_config_drift:threshold{severity="info"}\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_generation_tokens:rate5m / (engine:vllm_time_to_first_token_seconds_count:rate5m > 0) <= 1.5)\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (engine:vllm_generation_tokens:rate5m / (engine:vllm_time_to_first_token_seconds_count:rate5m > 0)) >= 10\n) > 0)',
          [if chosen.hold('config_drift', 'info') != null then 'for']: chosen.hold('config_drift', 'info'),
          labels: {
            severity: 'info',
          },
          annotations: {
            summary: 'Engines of one vLLM model differ in their cache configuration.',
            description: 'The engines of {{ $labels.model_name }} run with {{ $value | printf "%.3g" }} different cache configurations.',
            runbook_url: chosen.runbook_url[0] + 'VllmConfigDrift' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmQueueDrainSlow',
          expr: 'model:vllm_queue_drain:seconds_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_queue_drain:threshold{severity="warning"}',
          [if chosen.hold('queue_drain', 'warning') != null then 'for']: chosen.hold('queue_drain', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'The queue of a vLLM model would take long to drain.',
            description: 'At the present rate the queue of {{ $labels.model_name }} takes {{ $value | humanizeDuration }} to drain (threshold {{ with query (printf `model:vllm_queue_drain:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizeDuration }}{{ end }}); an hour means never.',
            runbook_url: chosen.runbook_url[0] + 'VllmQueueDrainSlow' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmQueueDrainSlow',
          expr: 'model:vllm_queue_drain:seconds_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_queue_drain:threshold{severity="critical"}',
          [if chosen.hold('queue_drain', 'critical') != null then 'for']: chosen.hold('queue_drain', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'The queue of a vLLM model would take long to drain.',
            description: 'At the present rate the queue of {{ $labels.model_name }} takes {{ $value | humanizeDuration }} to drain (threshold {{ with query (printf `model:vllm_queue_drain:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizeDuration }}{{ end }}); an hour means never.',
            runbook_url: chosen.runbook_url[0] + 'VllmQueueDrainSlow' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmAdmissionRejections',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_admission_rejections:rate5m)\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_admission_rejections:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_admission_rejections:rate5m) * 300) >= 5)\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_admission_rejections:rate5m)\n  /\n  (sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) > 0)\n) <= 0.01)',
          [if chosen.hold('admission_rejections', 'warning') != null then 'for']: chosen.hold('admission_rejections', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'A vLLM model rejects requests because its queue is full.',
            description: '{{ $labels.model_name }} rejects {{ $value | printf "%.3g" }} requests per second.',
            runbook_url: chosen.runbook_url[0] + 'VllmAdmissionRejections' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmCorruptedRequests',
          expr: 'model:vllm_corrupted_requests:increase15m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_corrupted_requests:threshold{severity="warning"}',
          [if chosen.hold('corrupted_requests', 'warning') != null then 'for']: chosen.hold('corrupted_requests', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'A vLLM model produced NaN in its logits.',
            description: '{{ $labels.model_name }} finished {{ $value | printf "%.3g" }} requests with NaN in their logits in 15 minutes.',
            runbook_url: chosen.runbook_url[0] + 'VllmCorruptedRequests' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmPrefixCacheHitRatioDropped',
          expr: 'model:vllm_prefix_cache_hits:change1d_rate5m\n< on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_prefix_cache_drop:threshold{severity="info"}',
          [if chosen.hold('prefix_cache_drop', 'info') != null then 'for']: chosen.hold('prefix_cache_drop', 'info'),
          labels: {
            severity: 'info',
          },
          annotations: {
            summary: 'The prefix cache of a vLLM model hits much less than before.',
            description: 'The prefix cache hit ratio of {{ $labels.model_name }} is {{ $value | humanizePercentage }} of its mean over the day (threshold {{ with query (printf `model:vllm_prefix_cache_drop:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="info"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmPrefixCacheHitRatioDropped' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmKvTransferFailures',
          expr: 'model:vllm_kv_transfer_failures:sum_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_kv_transfer_failures:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((sum_over_time((model:vllm_kv_transfer_failures:sum_rate5m)[15m:1m]) * 60) >= 5)',
          [if chosen.hold('kv_transfer_failures', 'warning') != null then 'for']: chosen.hold('kv_transfer_failures', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'KV cache transfers of a vLLM model fail.',
            description: '{{ $value | printf "%.3g" }} KV transfers per second of {{ $labels.model_name }} fail.',
            runbook_url: chosen.runbook_url[0] + 'VllmKvTransferFailures' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmKvCacheUsageHigh',
          expr: 'max_over_time(engine:vllm_kv_cache_usage:max[120s])\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_kv_cache_usage:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\n(engine:vllm_requests_waiting:sum > 0)',
          [if chosen.hold('kv_cache_usage', 'warning') != null then 'for']: chosen.hold('kv_cache_usage', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'The KV cache of a vLLM engine is nearly full.',
            description: 'KV cache of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) is {{ $value | humanizePercentage }} full, and requests wait (threshold {{ with query (printf `model:vllm_kv_cache_usage:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmKvCacheUsageHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}{{ with $labels.engine }}&var-engine={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmKvCacheUsageHigh',
          expr: 'max_over_time(engine:vllm_kv_cache_usage:max[120s])\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_kv_cache_usage:threshold{severity="critical"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\n(engine:vllm_requests_waiting:sum > 0)',
          [if chosen.hold('kv_cache_usage', 'critical') != null then 'for']: chosen.hold('kv_cache_usage', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'The KV cache of a vLLM engine is nearly full.',
            description: 'KV cache of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) is {{ $value | humanizePercentage }} full, and requests wait (threshold {{ with query (printf `model:vllm_kv_cache_usage:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmKvCacheUsageHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}{{ with $labels.engine }}&var-engine={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmKvCacheUsageHigh',
          expr: 'engine:vllm_kv_cache_usage:max\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_kv_cache_filled:threshold{severity="info"}\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name)\n(engine:vllm_requests_waiting:sum > 0)',
          [if chosen.hold('kv_cache_filled', 'info') != null then 'for']: chosen.hold('kv_cache_filled', 'info'),
          labels: {
            severity: 'info',
            of: 'use',
          },
          annotations: {
            summary: 'The KV cache of a vLLM engine is well filled, and nobody waits.',
            description: 'KV cache of {{ $labels.instance }} engine {{ $labels.engine }} ({{ $labels.model_name }}) is {{ $value | humanizePercentage }} full (threshold {{ with query (printf `model:vllm_kv_cache_filled:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="info"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmKvCacheUsageHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}{{ with $labels.engine }}&var-engine={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRequestsWaiting',
          expr: 'model:vllm_requests_waiting:avg\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_requests_waiting:threshold{severity="warning"}',
          [if chosen.hold('requests_waiting', 'warning') != null then 'for']: chosen.hold('requests_waiting', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'Requests wait for a place in the batch of a vLLM engine.',
            description: '{{ $labels.model_name }} has {{ $value | printf "%.3g" }} requests waiting per engine (threshold {{ with query (printf `model:vllm_requests_waiting:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | printf "%.3g" }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmRequestsWaiting' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRequestsWaiting',
          expr: 'model:vllm_requests_waiting:avg\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_requests_waiting:threshold{severity="critical"}',
          [if chosen.hold('requests_waiting', 'critical') != null then 'for']: chosen.hold('requests_waiting', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'Requests wait for a place in the batch of a vLLM engine.',
            description: '{{ $labels.model_name }} has {{ $value | printf "%.3g" }} requests waiting per engine (threshold {{ with query (printf `model:vllm_requests_waiting:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | printf "%.3g" }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmRequestsWaiting' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmTimeToFirstTokenHigh',
          expr: 'model:vllm_time_to_first_token_seconds:p95_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_ttft:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_time_to_first_token_seconds_count:rate5m * 300) >= 20)' + if chosen.bound('ttft', 'warning') == '1' then '\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(model:vllm_late_starts:ratio_rate5m < 0.1 and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) model:vllm_ttft:threshold{severity="warning"} == 1)' else '',
          [if chosen.hold('ttft', 'warning') != null then 'for']: chosen.hold('ttft', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'Time to first token of a vLLM model is high.',
            description: 'p95 time to first token of {{ $labels.model_name }} is {{ $value | humanizeDuration }} (threshold {{ with query (printf `model:vllm_ttft:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizeDuration }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmTimeToFirstTokenHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmTimeToFirstTokenHigh',
          expr: 'model:vllm_time_to_first_token_seconds:p95_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_ttft:threshold{severity="critical"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_time_to_first_token_seconds_count:rate5m * 300) >= 20)' + if chosen.bound('ttft', 'critical') == '2.5' then '\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(model:vllm_late_starts:ratio_rate5m < 0.2 and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) model:vllm_ttft:threshold{severity="critical"} == 2.5)' else '',
          [if chosen.hold('ttft', 'critical') != null then 'for']: chosen.hold('ttft', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'Time to first token of a vLLM model is high.',
            description: 'p95 time to first token of {{ $labels.model_name }} is {{ $value | humanizeDuration }} (threshold {{ with query (printf `model:vllm_ttft:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizeDuration }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmTimeToFirstTokenHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmInterTokenLatencyHigh',
          expr: 'model:vllm_inter_token_latency_seconds:p95_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_itl:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_inter_token_latency_seconds_count:rate5m * 300) >= 200)' + if chosen.bound('itl', 'warning') == '0.1' then '\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(model:vllm_slow_answers:ratio_rate5m < 0.1 and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) model:vllm_itl:threshold{severity="warning"} == 0.1)' else '',
          [if chosen.hold('itl', 'warning') != null then 'for']: chosen.hold('itl', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'Inter-token latency of a vLLM model is high.',
            description: 'p95 inter-token latency of {{ $labels.model_name }} is {{ $value | humanizeDuration }} (threshold {{ with query (printf `model:vllm_itl:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizeDuration }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmInterTokenLatencyHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmInterTokenLatencyHigh',
          expr: 'model:vllm_inter_token_latency_seconds:p95_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_itl:threshold{severity="critical"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_inter_token_latency_seconds_count:rate5m * 300) >= 200)' + if chosen.bound('itl', 'critical') == '0.25' then '\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(model:vllm_slow_answers:ratio_rate5m < 0.2 and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) model:vllm_itl:threshold{severity="critical"} == 0.25)' else '',
          [if chosen.hold('itl', 'critical') != null then 'for']: chosen.hold('itl', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'Inter-token latency of a vLLM model is high.',
            description: 'p95 inter-token latency of {{ $labels.model_name }} is {{ $value | humanizeDuration }} (threshold {{ with query (printf `model:vllm_itl:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizeDuration }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmInterTokenLatencyHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmQueueTimeHigh',
          expr: 'model:vllm_request_queue_time_seconds:mean_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_queue_time:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_request_queue_time_seconds_count:rate5m * 300) >= 5)' + if chosen.bound('queue_time', 'warning') == '1' then '\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(model:vllm_late_starts:ratio_rate5m < 0.1 and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) model:vllm_queue_time:threshold{severity="warning"} == 1)' else '',
          [if chosen.hold('queue_time', 'warning') != null then 'for']: chosen.hold('queue_time', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'Requests to a vLLM model spend long in the queue.',
            description: 'Requests to {{ $labels.model_name }} wait {{ $value | humanizeDuration }} on average before they run (threshold {{ with query (printf `model:vllm_queue_time:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizeDuration }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmQueueTimeHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmQueueTimeHigh',
          expr: 'model:vllm_request_queue_time_seconds:mean_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_queue_time:threshold{severity="critical"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_request_queue_time_seconds_count:rate5m * 300) >= 5)' + if chosen.bound('queue_time', 'critical') == '10' then '\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(model:vllm_late_starts:ratio_rate5m < 0.2 and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) model:vllm_queue_time:threshold{severity="critical"} == 10)' else '',
          [if chosen.hold('queue_time', 'critical') != null then 'for']: chosen.hold('queue_time', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'Requests to a vLLM model spend long in the queue.',
            description: 'Requests to {{ $labels.model_name }} wait {{ $value | humanizeDuration }} on average before they run (threshold {{ with query (printf `model:vllm_queue_time:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizeDuration }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmQueueTimeHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
      ],
    },
    {
      name: 'vllm-alerts-3',
      rules: [
        {
          alert: 'VllmThroughputDropped',
          expr: 'model:vllm_generation_tokens:change_rate5m\n< on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_throughput_dropped:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(model:vllm_requests_running:sum >= 1)',
          [if chosen.hold('throughput_dropped', 'warning') != null then 'for']: chosen.hold('throughput_dropped', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'Tokens per second for each running request fell sharply.',
            description: '{{ $labels.model_name }} makes {{ $value | humanizePercentage }} of its earlier tokens per running request (threshold {{ with query (printf `model:vllm_throughput_dropped:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmThroughputDropped' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmPreemptionsHigh',
          expr: 'model:vllm_preemptions:per_request_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_preemptions:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) * 300) >= 20)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_preemptions:rate5m * 300) >= 10)',
          [if chosen.hold('preemptions', 'warning') != null then 'for']: chosen.hold('preemptions', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'A vLLM model preempts requests because its KV cache is full.',
            description: '{{ $labels.model_name }} preempts {{ $value | printf "%.3g" }} times per finished request (threshold {{ with query (printf `model:vllm_preemptions:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | printf "%.3g" }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmPreemptionsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmPreemptionsHigh',
          expr: 'model:vllm_preemptions:per_request_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_preemptions:threshold{severity="critical"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) * 300) >= 20)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_preemptions:rate5m * 300) >= 10)',
          [if chosen.hold('preemptions', 'critical') != null then 'for']: chosen.hold('preemptions', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'A vLLM model preempts requests because its KV cache is full.',
            description: '{{ $labels.model_name }} preempts {{ $value | printf "%.3g" }} times per finished request (threshold {{ with query (printf `model:vllm_preemptions:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | printf "%.3g" }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmPreemptionsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRequestErrorsHigh',
          expr: 'model:vllm_request_error:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_request_errors:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) * 300) >= 20)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'request_success_total{finished_reason="error"}[120s])\n) > 0',
          [if chosen.hold('request_errors', 'warning') != null then 'for']: chosen.hold('request_errors', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'Requests to a vLLM model end with an error.',
            description: '{{ $value | humanizePercentage }} of the requests to {{ $labels.model_name }} finish with an error (threshold {{ with query (printf `model:vllm_request_errors:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmRequestErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRequestErrorsHigh',
          expr: 'model:vllm_request_error:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_request_errors:threshold{severity="critical"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) * 300) >= 20)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'request_success_total{finished_reason="error"}[120s])\n) > 0',
          [if chosen.hold('request_errors', 'critical') != null then 'for']: chosen.hold('request_errors', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'Requests to a vLLM model end with an error.',
            description: '{{ $value | humanizePercentage }} of the requests to {{ $labels.model_name }} finish with an error (threshold {{ with query (printf `model:vllm_request_errors:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmRequestErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRequestErrorsHigh',
          expr: 'model:vllm_few_requests_errors:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_few_requests_errors:threshold{severity="warning"}',
          [if chosen.hold('few_requests_errors', 'warning') != null then 'for']: chosen.hold('few_requests_errors', 'warning'),
          labels: {
            severity: 'warning',
            of: 'few',
          },
          annotations: {
            summary: 'Many of the few requests to a vLLM model end with an error.',
            description: '{{ $value | humanizePercentage }} of the few requests to {{ $labels.model_name }} finish with an error (threshold {{ with query (printf `model:vllm_few_requests_errors:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmRequestErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmRequestErrorsHigh',
          expr: 'model:vllm_few_requests_errors:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_few_requests_errors:threshold{severity="critical"}',
          [if chosen.hold('few_requests_errors', 'critical') != null then 'for']: chosen.hold('few_requests_errors', 'critical'),
          labels: {
            severity: 'critical',
            of: 'few',
          },
          annotations: {
            summary: 'Many of the few requests to a vLLM model end with an error.',
            description: '{{ $value | humanizePercentage }} of the few requests to {{ $labels.model_name }} finish with an error (threshold {{ with query (printf `model:vllm_few_requests_errors:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmRequestErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmHttpServerErrorsHigh',
          expr: 'model:vllm_http_server_errors:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_http_server_errors:threshold{severity="warning"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_http_requests:rate5m{handler=~".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations|generate|invocations|realtime)(/.*)?",status=~"2..|5.."}\n    )\n    or\n    0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_http_requests:rate5m)\n  ) * 300\n) >= 20)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(http_requests_total{' + chosen.target_selector + ',handler=~".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations|generate|invocations|realtime)(/.*)?",status=~"5.."}[120s])\n) > 0',
          [if chosen.hold('http_server_errors', 'warning') != null then 'for']: chosen.hold('http_server_errors', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'A vLLM API server answers with 5xx.',
            description: "{{ $value | humanizePercentage }} of the HTTP requests to vLLM's API servers fail with 5xx (threshold {{ with query (printf `model:vllm_http_server_errors:threshold{" + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmHttpServerErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmHttpServerErrorsHigh',
          expr: 'model:vllm_http_server_errors:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_http_server_errors:threshold{severity="critical"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      model:vllm_http_requests:rate5m{handler=~".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations|generate|invocations|realtime)(/.*)?",status=~"2..|5.."}\n    )\n    or\n    0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_http_requests:rate5m)\n  ) * 300\n) >= 20)\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(http_requests_total{' + chosen.target_selector + ',handler=~".*/(completions|responses|messages|embeddings?|embed|rerank|score|classify|pooling|transcriptions|translations|generate|invocations|realtime)(/.*)?",status=~"5.."}[120s])\n) > 0',
          [if chosen.hold('http_server_errors', 'critical') != null then 'for']: chosen.hold('http_server_errors', 'critical'),
          labels: {
            severity: 'critical',
          },
          annotations: {
            summary: 'A vLLM API server answers with 5xx.',
            description: "{{ $value | humanizePercentage }} of the HTTP requests to vLLM's API servers fail with 5xx (threshold {{ with query (printf `model:vllm_http_server_errors:threshold{" + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmHttpServerErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmHttpServerErrorsHigh',
          expr: 'model:vllm_model_http_errors:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_http_server_errors_model:threshold{severity="warning"}',
          [if chosen.hold('http_server_errors_model', 'warning') != null then 'for']: chosen.hold('http_server_errors_model', 'warning'),
          labels: {
            severity: 'warning',
            of: 'model',
          },
          annotations: {
            summary: 'The servers of one vLLM model answer with 5xx.',
            description: '{{ $value | humanizePercentage }} of the HTTP requests to the servers of {{ $labels.model_name }} fail with 5xx (threshold {{ with query (printf `model:vllm_http_server_errors_model:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmHttpServerErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmHttpServerErrorsHigh',
          expr: 'model:vllm_model_http_errors:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_http_server_errors_model:threshold{severity="critical"}',
          [if chosen.hold('http_server_errors_model', 'critical') != null then 'for']: chosen.hold('http_server_errors_model', 'critical'),
          labels: {
            severity: 'critical',
            of: 'model',
          },
          annotations: {
            summary: 'The servers of one vLLM model answer with 5xx.',
            description: '{{ $value | humanizePercentage }} of the HTTP requests to the servers of {{ $labels.model_name }} fail with 5xx (threshold {{ with query (printf `model:vllm_http_server_errors_model:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmHttpServerErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmHttpServerErrorsHigh',
          expr: 'engine:vllm_server_http_errors:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_http_server_errors_server:threshold{severity="warning"}',
          [if chosen.hold('http_server_errors_server', 'warning') != null then 'for']: chosen.hold('http_server_errors_server', 'warning'),
          labels: {
            severity: 'warning',
            of: 'server',
          },
          annotations: {
            summary: 'One vLLM API server answers with 5xx.',
            description: '{{ $value | humanizePercentage }} of the HTTP requests to {{ $labels.instance }} fail with 5xx (threshold {{ with query (printf `model:vllm_http_server_errors_server:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmHttpServerErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmHttpServerErrorsHigh',
          expr: 'engine:vllm_server_http_errors:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_http_server_errors_server:threshold{severity="critical"}',
          [if chosen.hold('http_server_errors_server', 'critical') != null then 'for']: chosen.hold('http_server_errors_server', 'critical'),
          labels: {
            severity: 'critical',
            of: 'server',
          },
          annotations: {
            summary: 'One vLLM API server answers with 5xx.',
            description: '{{ $value | humanizePercentage }} of the HTTP requests to {{ $labels.instance }} fail with 5xx (threshold {{ with query (printf `model:vllm_http_server_errors_server:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmHttpServerErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmHttpServerErrorsHigh',
          expr: 'engine:vllm_few_requests_http_errors:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_few_requests_http_errors:threshold{severity="warning"}',
          [if chosen.hold('few_requests_http_errors', 'warning') != null then 'for']: chosen.hold('few_requests_http_errors', 'warning'),
          labels: {
            severity: 'warning',
            of: 'few',
          },
          annotations: {
            summary: 'Many of the few HTTP requests to a vLLM API server fail with 5xx.',
            description: '{{ $value | humanizePercentage }} of the few HTTP requests to {{ $labels.instance }} fail with 5xx (threshold {{ with query (printf `model:vllm_few_requests_http_errors:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,severity="warning"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmHttpServerErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmHttpServerErrorsHigh',
          expr: 'engine:vllm_few_requests_http_errors:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\nmodel:vllm_few_requests_http_errors:threshold{severity="critical"}',
          [if chosen.hold('few_requests_http_errors', 'critical') != null then 'for']: chosen.hold('few_requests_http_errors', 'critical'),
          labels: {
            severity: 'critical',
            of: 'few',
          },
          annotations: {
            summary: 'Many of the few HTTP requests to a vLLM API server fail with 5xx.',
            description: '{{ $value | humanizePercentage }} of the few HTTP requests to {{ $labels.instance }} fail with 5xx (threshold {{ with query (printf `model:vllm_few_requests_http_errors:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,severity="critical"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmHttpServerErrorsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.instance }}&var-instance={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmAbortsHigh',
          expr: 'model:vllm_request_abort:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_aborts:threshold{severity="info"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) * 300) >= 20)',
          [if chosen.hold('aborts', 'info') != null then 'for']: chosen.hold('aborts', 'info'),
          labels: {
            severity: 'info',
          },
          annotations: {
            summary: 'Many requests to a vLLM model are aborted.',
            description: '{{ $value | humanizePercentage }} of the requests to {{ $labels.model_name }} are aborted (threshold {{ with query (printf `model:vllm_aborts:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="info"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmAbortsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmAbortsHigh',
          expr: 'model:vllm_requests_left:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_uncounted_aborts:threshold{severity="info"}',
          [if chosen.hold('uncounted_aborts', 'info') != null then 'for']: chosen.hold('uncounted_aborts', 'info'),
          labels: {
            severity: 'info',
            of: 'uncounted',
          },
          annotations: {
            summary: 'Many requests to a vLLM model begin and never end.',
            description: '{{ $value | humanizePercentage }} of the requests to {{ $labels.model_name }} got a first token and never finished (threshold {{ with query (printf `model:vllm_uncounted_aborts:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="info"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmAbortsHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmTrafficStopped',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) == 0\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_requests_running:sum + model:vllm_requests_waiting:sum == 0\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n(\n  min_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[1h:5m] offset 30m) > 0\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n  count_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[1h:5m] offset 30m) >= 12\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n  sum_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[1h:5m] offset 30m) >= 60 / 300\n  or\n  min_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[1h:5m] offset 2h) > 0\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n  count_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[1h:5m] offset 2h) >= 12\n  and on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n  sum_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[1h:5m] offset 2h) >= 60 / 300\n)\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[15m:5m] offset 1d) < 5 / 300\nunless on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nsum_over_time((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m))[15m:5m] offset 1w) < 5 / 300',
          [if chosen.hold('traffic_gone', 'warning') != null then 'for']: chosen.hold('traffic_gone', 'warning'),
          labels: {
            severity: 'warning',
          },
          annotations: {
            summary: 'Requests to a vLLM model stopped coming all at once.',
            description: '{{ $labels.model_name }} had requests all the time an hour ago and has had none since.',
            runbook_url: chosen.runbook_url[0] + 'VllmTrafficStopped' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmAnswersCollapsed',
          expr: 'model:vllm_answers_collapsed:ratio_rate5m\n< on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_answers_collapsed:threshold{severity="info"}',
          [if chosen.hold('answers_collapsed', 'info') != null then 'for']: chosen.hold('answers_collapsed', 'info'),
          labels: {
            severity: 'info',
          },
          annotations: {
            summary: 'Answers of a vLLM model collapsed to a token or two.',
            description: 'Answers of {{ $labels.model_name }} have {{ $value | humanizePercentage }} of their length of an hour ago (threshold {{ with query (printf `model:vllm_answers_collapsed:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="info"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmAnswersCollapsed' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmOutputTruncationHigh',
          expr: 'model:vllm_request_length:ratio_rate5m\n> on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_output_truncation:threshold{severity="info"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (model:vllm_request_success:rate5m) * 300) >= 20)',
          [if chosen.hold('output_truncation', 'info') != null then 'for']: chosen.hold('output_truncation', 'info'),
          labels: {
            severity: 'info',
          },
          annotations: {
            summary: 'Many answers of a vLLM model are cut off by a token limit.',
            description: '{{ $value | humanizePercentage }} of the answers of {{ $labels.model_name }} end at their token limit (threshold {{ with query (printf `model:vllm_output_truncation:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="info"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmOutputTruncationHigh' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
      ],
    },
    {
      name: 'vllm-alerts-4',
      rules: [
        {
          alert: 'VllmSpecDecodeAcceptanceLow',
          expr: 'model:vllm_spec_decode_accepted_tokens:ratio_rate5m\n< on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\nmodel:vllm_spec_decode_acceptance:threshold{severity="info"}\nand on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name)\n((model:vllm_spec_decode_draft_tokens:rate5m * 300) >= 1000)',
          [if chosen.hold('spec_decode_acceptance', 'info') != null then 'for']: chosen.hold('spec_decode_acceptance', 'info'),
          labels: {
            severity: 'info',
          },
          annotations: {
            summary: 'Speculative decoding of a vLLM model accepts few draft tokens.',
            description: '{{ $labels.model_name }} accepts {{ $value | humanizePercentage }} of the draft tokens (threshold {{ with query (printf `model:vllm_spec_decode_acceptance:threshold{' + chosen.cluster_label + '=%q,' + chosen.namespace_label + '=%q,job=%q,model_name=%q,severity="info"}` $labels.' + chosen.cluster_label + ' $labels.' + chosen.namespace_label + ' $labels.job $labels.model_name) }}{{ . | first | value | humanizePercentage }}{{ end }}).',
            runbook_url: chosen.runbook_url[0] + 'VllmSpecDecodeAcceptanceLow' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
      ],
    },
    {
      name: 'vllm-slo-alerts',
      rules: [
        {
          alert: 'VllmTtftBudgetBurn',
          expr: 'model:vllm_slo_ttft_bad:ratio1h > 14.4 * (1 - model:vllm_slo_ttft:objective)\nand\nmodel:vllm_slo_ttft_bad:ratio5m > 14.4 * (1 - model:vllm_slo_ttft:objective)\nand\n(sum_over_time(model:vllm_slo_ttft_total:rate5m[1h:5m]) * 5 * 60 >= 100)\nunless\n(model:vllm_slo_ttft_bad:ratio_last <= 1 - model:vllm_slo_ttft:objective)',
          'for': '2m',
          labels: {
            severity: 'critical',
            window: '1h',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for time to first token too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 1h, more than the share at which 2 % of the 30-day budget goes in 1h.',
            runbook_url: chosen.runbook_url[0] + 'VllmTtftBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmTtftBudgetBurn',
          expr: 'model:vllm_slo_ttft_bad:ratio6h > 6 * (1 - model:vllm_slo_ttft:objective)\nand\nmodel:vllm_slo_ttft_bad:ratio5m > 6 * (1 - model:vllm_slo_ttft:objective)\nand\n(sum_over_time(model:vllm_slo_ttft_total:rate5m[6h:5m]) * 5 * 60 >= 100)\nunless\n(model:vllm_slo_ttft_bad:ratio_last <= 1 - model:vllm_slo_ttft:objective)\nand\n(model:vllm_slo_ttft_bad:ratio6h * clamp_max(count_over_time(model:vllm_slo_ttft_total:rate5m[6h:5m]) / 72, 1) > 6 * (1 - model:vllm_slo_ttft:objective))',
          'for': '15m',
          labels: {
            severity: 'critical',
            window: '6h',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for time to first token too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 6h, more than the share at which 5 % of the 30-day budget goes in 6h.',
            runbook_url: chosen.runbook_url[0] + 'VllmTtftBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmTtftBudgetBurn',
          expr: '(model:vllm_slo_ttft_bad:ratio1h > 2.52 * (1 - model:vllm_slo_ttft:objective)\nor\nmax_over_time((model:vllm_slo_ttft_bad:ratio1h * clamp_max(count_over_time(model:vllm_slo_ttft_total:rate5m[1h:5m]) / 12, 1))[1h:5m]) > 2.52 * (1 - model:vllm_slo_ttft:objective))\nand\n(sum_over_time(model:vllm_slo_ttft_total:rate5m[1h:5m]) * 5 * 60 >= 100)',
          'for': '5m',
          labels: {
            severity: 'warning',
            window: '1h',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for time to first token too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 1h, more than the share at which 0.35 % of the 30-day budget goes in 1h.',
            runbook_url: chosen.runbook_url[0] + 'VllmTtftBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmTtftBudgetBurn',
          expr: 'model:vllm_slo_ttft_bad:ratio1d > 3 * (1 - model:vllm_slo_ttft:objective)\nand\nmodel:vllm_slo_ttft_bad:ratio2h > 3 * (1 - model:vllm_slo_ttft:objective)\nand\n(sum_over_time(model:vllm_slo_ttft_total:rate5m[1d:5m]) * 5 * 60 >= 100)\nand\n(model:vllm_slo_ttft_bad:ratio1d * clamp_max(count_over_time(model:vllm_slo_ttft_total:rate5m[1d:5m]) / 288, 1) > 3 * (1 - model:vllm_slo_ttft:objective))',
          'for': '1h',
          labels: {
            severity: 'warning',
            window: '1d',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for time to first token too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 1d, more than the share at which 10 % of the 30-day budget goes in 1d.',
            runbook_url: chosen.runbook_url[0] + 'VllmTtftBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmTtftBudgetBurn',
          expr: 'model:vllm_slo_ttft_bad:ratio3d > 1 * (1 - model:vllm_slo_ttft:objective)\nand\nmodel:vllm_slo_ttft_bad:ratio6h > 1 * (1 - model:vllm_slo_ttft:objective)\nand\n(sum_over_time(model:vllm_slo_ttft_total:rate5m[3d:5m]) * 5 * 60 >= 100)\nand\n(model:vllm_slo_ttft_bad:ratio3d * clamp_max(count_over_time(model:vllm_slo_ttft_total:rate5m[3d:5m]) / 864, 1) > 1 * (1 - model:vllm_slo_ttft:objective))',
          'for': '3h',
          labels: {
            severity: 'warning',
            window: '3d',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for time to first token too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 3d, more than the share at which 10 % of the 30-day budget goes in 3d.',
            runbook_url: chosen.runbook_url[0] + 'VllmTtftBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmItlBudgetBurn',
          expr: 'model:vllm_slo_itl_bad:ratio1h > 14.4 * (1 - model:vllm_slo_itl:objective)\nand\nmodel:vllm_slo_itl_bad:ratio5m > 14.4 * (1 - model:vllm_slo_itl:objective)\nand\n(sum_over_time(model:vllm_slo_itl_total:rate5m[1h:5m]) * 5 * 60 >= 100)\nunless\n(model:vllm_slo_itl_bad:ratio_last <= 1 - model:vllm_slo_itl:objective)',
          'for': '2m',
          labels: {
            severity: 'critical',
            window: '1h',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for inter-token latency too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 1h, more than the share at which 2 % of the 30-day budget goes in 1h.',
            runbook_url: chosen.runbook_url[0] + 'VllmItlBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmItlBudgetBurn',
          expr: 'model:vllm_slo_itl_bad:ratio6h > 6 * (1 - model:vllm_slo_itl:objective)\nand\nmodel:vllm_slo_itl_bad:ratio5m > 6 * (1 - model:vllm_slo_itl:objective)\nand\n(sum_over_time(model:vllm_slo_itl_total:rate5m[6h:5m]) * 5 * 60 >= 100)\nunless\n(model:vllm_slo_itl_bad:ratio_last <= 1 - model:vllm_slo_itl:objective)\nand\n(model:vllm_slo_itl_bad:ratio6h * clamp_max(count_over_time(model:vllm_slo_itl_total:rate5m[6h:5m]) / 72, 1) > 6 * (1 - model:vllm_slo_itl:objective))',
          'for': '15m',
          labels: {
            severity: 'critical',
            window: '6h',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for inter-token latency too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 6h, more than the share at which 5 % of the 30-day budget goes in 6h.',
            runbook_url: chosen.runbook_url[0] + 'VllmItlBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmItlBudgetBurn',
          expr: '(model:vllm_slo_itl_bad:ratio1h > 2.52 * (1 - model:vllm_slo_itl:objective)\nor\nmax_over_time((model:vllm_slo_itl_bad:ratio1h * clamp_max(count_over_time(model:vllm_slo_itl_total:rate5m[1h:5m]) / 12, 1))[1h:5m]) > 2.52 * (1 - model:vllm_slo_itl:objective))\nand\n(sum_over_time(model:vllm_slo_itl_total:rate5m[1h:5m]) * 5 * 60 >= 100)',
          'for': '5m',
          labels: {
            severity: 'warning',
            window: '1h',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for inter-token latency too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 1h, more than the share at which 0.35 % of the 30-day budget goes in 1h.',
            runbook_url: chosen.runbook_url[0] + 'VllmItlBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmItlBudgetBurn',
          expr: 'model:vllm_slo_itl_bad:ratio1d > 3 * (1 - model:vllm_slo_itl:objective)\nand\nmodel:vllm_slo_itl_bad:ratio2h > 3 * (1 - model:vllm_slo_itl:objective)\nand\n(sum_over_time(model:vllm_slo_itl_total:rate5m[1d:5m]) * 5 * 60 >= 100)\nand\n(model:vllm_slo_itl_bad:ratio1d * clamp_max(count_over_time(model:vllm_slo_itl_total:rate5m[1d:5m]) / 288, 1) > 3 * (1 - model:vllm_slo_itl:objective))',
          'for': '1h',
          labels: {
            severity: 'warning',
            window: '1d',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for inter-token latency too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 1d, more than the share at which 10 % of the 30-day budget goes in 1d.',
            runbook_url: chosen.runbook_url[0] + 'VllmItlBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmItlBudgetBurn',
          expr: 'model:vllm_slo_itl_bad:ratio3d > 1 * (1 - model:vllm_slo_itl:objective)\nand\nmodel:vllm_slo_itl_bad:ratio6h > 1 * (1 - model:vllm_slo_itl:objective)\nand\n(sum_over_time(model:vllm_slo_itl_total:rate5m[3d:5m]) * 5 * 60 >= 100)\nand\n(model:vllm_slo_itl_bad:ratio3d * clamp_max(count_over_time(model:vllm_slo_itl_total:rate5m[3d:5m]) / 864, 1) > 1 * (1 - model:vllm_slo_itl:objective))',
          'for': '3h',
          labels: {
            severity: 'warning',
            window: '3d',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for inter-token latency too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 3d, more than the share at which 10 % of the 30-day budget goes in 3d.',
            runbook_url: chosen.runbook_url[0] + 'VllmItlBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmErrorBudgetBurn',
          expr: 'model:vllm_slo_errors_bad:ratio1h > 14.4 * (1 - model:vllm_slo_errors:objective)\nand\nmodel:vllm_slo_errors_bad:ratio5m > 14.4 * (1 - model:vllm_slo_errors:objective)\nand\n(sum_over_time(model:vllm_slo_errors_total:rate5m[1h:5m]) * 5 * 60 >= 100)\nunless\n(model:vllm_slo_errors_bad:ratio_last <= 1 - model:vllm_slo_errors:objective)',
          'for': '2m',
          labels: {
            severity: 'critical',
            window: '1h',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for errors too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 1h, more than the share at which 2 % of the 30-day budget goes in 1h.',
            runbook_url: chosen.runbook_url[0] + 'VllmErrorBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmErrorBudgetBurn',
          expr: 'model:vllm_slo_errors_bad:ratio6h > 6 * (1 - model:vllm_slo_errors:objective)\nand\nmodel:vllm_slo_errors_bad:ratio5m > 6 * (1 - model:vllm_slo_errors:objective)\nand\n(sum_over_time(model:vllm_slo_errors_total:rate5m[6h:5m]) * 5 * 60 >= 100)\nunless\n(model:vllm_slo_errors_bad:ratio_last <= 1 - model:vllm_slo_errors:objective)\nand\n(model:vllm_slo_errors_bad:ratio6h * clamp_max(count_over_time(model:vllm_slo_errors_total:rate5m[6h:5m]) / 72, 1) > 6 * (1 - model:vllm_slo_errors:objective))',
          'for': '15m',
          labels: {
            severity: 'critical',
            window: '6h',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for errors too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 6h, more than the share at which 5 % of the 30-day budget goes in 6h.',
            runbook_url: chosen.runbook_url[0] + 'VllmErrorBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmErrorBudgetBurn',
          expr: 'model:vllm_slo_errors_bad:ratio1h > 14.4 * (1 - model:vllm_slo_errors:objective)\nand\nmax_over_time(model:vllm_slo_errors_bad:ratio5m[10m]) > 14.4 * (1 - model:vllm_slo_errors:objective)\nand\n(sum_over_time(model:vllm_slo_errors_total:rate5m[1h:5m]) * 5 * 60 >= 100)',
          'for': '20m',
          labels: {
            severity: 'warning',
            window: '1h',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for errors too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 1h, more than the share at which 2 % of the 30-day budget goes in 1h.',
            runbook_url: chosen.runbook_url[0] + 'VllmErrorBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmErrorBudgetBurn',
          expr: 'model:vllm_slo_errors_bad:ratio1d > 3 * (1 - model:vllm_slo_errors:objective)\nand\nmodel:vllm_slo_errors_bad:ratio2h > 3 * (1 - model:vllm_slo_errors:objective)\nand\n(sum_over_time(model:vllm_slo_errors_total:rate5m[1d:5m]) * 5 * 60 >= 100)\nand\n(model:vllm_slo_errors_bad:ratio1d * clamp_max(count_over_time(model:vllm_slo_errors_total:rate5m[1d:5m]) / 288, 1) > 3 * (1 - model:vllm_slo_errors:objective))',
          'for': '1h',
          labels: {
            severity: 'warning',
            window: '1d',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for errors too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 1d, more than the share at which 10 % of the 30-day budget goes in 1d.',
            runbook_url: chosen.runbook_url[0] + 'VllmErrorBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
        {
          alert: 'VllmErrorBudgetBurn',
          expr: 'model:vllm_slo_errors_bad:ratio3d > 1 * (1 - model:vllm_slo_errors:objective)\nand\nmodel:vllm_slo_errors_bad:ratio6h > 1 * (1 - model:vllm_slo_errors:objective)\nand\n(sum_over_time(model:vllm_slo_errors_total:rate5m[3d:5m]) * 5 * 60 >= 100)\nand\n(model:vllm_slo_errors_bad:ratio3d * clamp_max(count_over_time(model:vllm_slo_errors_total:rate5m[3d:5m]) / 864, 1) > 1 * (1 - model:vllm_slo_errors:objective))',
          'for': '3h',
          labels: {
            severity: 'warning',
            window: '3d',
          },
          annotations: {
            summary: 'A vLLM model spends its error budget for errors too fast.',
            description: '{{ $value | humanizePercentage }} of the requests of {{ $labels.model_name }} were bad over 3d, more than the share at which 10 % of the 30-day budget goes in 3d.',
            runbook_url: chosen.runbook_url[0] + 'VllmErrorBudgetBurn' + chosen.runbook_url[1],
            dashboard_url: chosen.dashboard_url[0] + chosen.uid + 'incident' + chosen.dashboard_url[1] + chosen.following + 'from={{ with query "vector(1000 * (time() - 3600))" }}{{ . | first | value | printf "%.0f" }}{{ end }}&to=now{{ with $labels.' + chosen.cluster_label + ' }}&var-' + chosen.cluster_label + '={{ . | urlquery }}{{ end }}{{ with $labels.' + chosen.namespace_label + ' }}&var-' + chosen.namespace_label + '={{ . | urlquery }}{{ end }}{{ with $labels.job }}&var-job={{ . | urlquery }}{{ end }}{{ with $labels.model_name }}&var-model_name={{ . | urlquery }}{{ end }}',
          },
        },
      ],
    },
  ],
}
