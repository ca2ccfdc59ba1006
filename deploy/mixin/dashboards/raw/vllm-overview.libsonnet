// Emitted by vllm-obs build: choose in _config, or change the settings and build again.
function(chosen) {
  annotations: {
    list: [
      {
        builtIn: 1,
        datasource: {
          type: 'grafana',
          uid: '-- Grafana --',
        },
        enable: true,
        hide: true,
        iconColor: 'rgba(0, 211, 255, 1)',
        name: 'Annotations & Alerts',
        type: 'dashboard',
      },
      {
        datasource: {
          type: 'prometheus',
          uid: '${datasource}',
        },
        enable: true,
        expr: 'label_join(\n  group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n    ALERTS{alertname=~"Vllm.+",alertstate="firing",severity="critical",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n  )\n  or on (alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\n  group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n    ALERTS{alertname=~"Vllm.+",alertstate="firing",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n  ),\n  "where", " ", "model_name", "instance", "' + chosen.namespace_label + '"\n)',
        hide: false,
        iconColor: 'red',
        name: 'Firing alerts',
        target: {
          editorMode: 'code',
          expr: 'label_join(\n  group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n    ALERTS{alertname=~"Vllm.+",alertstate="firing",severity="critical",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n  )\n  or on (alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\n  group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n    ALERTS{alertname=~"Vllm.+",alertstate="firing",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n  ),\n  "where", " ", "model_name", "instance", "' + chosen.namespace_label + '"\n)',
          refId: 'Anno',
        },
        textFormat: '{{severity}} {{model_name}} {{instance}}',
        titleFormat: '{{alertname}}',
      },
    ],
  },
  description: 'Is every model up, fast, not full, and not failing?',
  editable: false,
  fiscalYearStartMonth: 0,
  graphTooltip: 1,
  links: [
    {
      asDropdown: true,
      icon: 'dashboard',
      includeVars: true,
      keepTime: true,
      tags: [
        'vllm-observability',
      ],
      targetBlank: false,
      title: 'vLLM boards',
      tooltip: '',
      type: 'dashboards',
      url: '',
    },
  ],
  panels: [
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Scrape targets of vLLM that Prometheus can't read. A pod that is gone is no target any more: see the engines.\n\nMetrics: `up` and what Prometheus itself says of a scrape",
      fieldConfig: {
        defaults: {
          color: {
            mode: 'thresholds',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  color: 'transparent',
                  index: 0,
                  text: 'no data: no target matches the selector',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no target matches the selector',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'red',
                value: 1,
              },
            ],
          },
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 0,
        y: 0,
      },
      id: 254344,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-engines?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'background_solid',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(1 - up{' + chosen.target_selector + ',' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance"})',
          format: 'time_series',
          instant: true,
          legendFormat: 'Targets down',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Targets down',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'From arrival at the API server to the first token: queueing and prefill. Interpolated between bucket bounds. Warning above ' + chosen.words('ttft', 'warning') + ': a second is where a chat user notices the wait. Critical above ' + chosen.words('ttft', 'critical') + ': the next bucket bound past two seconds, where users give up.\n\nMetrics: `vllm:time_to_first_token_seconds`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'thresholds',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  color: 'transparent',
                  index: 0,
                  text: 'no data: no traffic',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('ttft', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('ttft', 'critical'),
              },
            ],
          },
          unit: 's',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 3,
        y: 0,
      },
      id: 157649,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-latency?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'background_solid',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max(\n  histogram_quantile(0.95,\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n      rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    )\n  ) >= 0\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'TTFT p95, worst',
          range: false,
          refId: 'A',
        },
      ],
      title: 'TTFT p95, worst',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Time between two outputs of one request: how fast text flows. Interpolated between bucket bounds. Warning above ' + chosen.words('itl', 'warning') + ': ten tokens a second is about reading speed. Critical above ' + chosen.words('itl', 'critical') + ': four tokens a second reads as stuttering.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'thresholds',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  color: 'transparent',
                  index: 0,
                  text: 'no data: no traffic',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('itl', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('itl', 'critical'),
              },
            ],
          },
          unit: 's',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 6,
        y: 0,
      },
      id: 708230,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-latency?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'background_solid',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max(\n  histogram_quantile(0.95,\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n      rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n      or\n      rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    )\n  ) >= 0\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'ITL p95, worst',
          range: false,
          refId: 'A',
        },
      ],
      title: 'ITL p95, worst',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of KV cache blocks in use on the fullest engine: one full engine queues while the mean looks calm. Warning above ' + chosen.words('kv_cache_usage', 'warning') + ': above it one long prompt can fill the rest; ten minutes tell a level from the peak of a batch. Critical above ' + chosen.words('kv_cache_usage', 'critical') + ': full and queueing: a full cache alone is normal for a batch job.\n\nMetrics: `vllm:kv_cache_usage_perc`, `vllm:gpu_cache_usage_perc`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'thresholds',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  color: 'transparent',
                  index: 0,
                  text: 'no data: no server selected',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('kv_cache_usage', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('kv_cache_usage', 'critical'),
              },
            ],
          },
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 9,
        y: 0,
      },
      id: 763190,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-kv-cache?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'background_solid',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max(\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    ' + chosen.metric_prefix + 'kv_cache_usage_perc{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n    or\n    ' + chosen.metric_prefix + 'gpu_cache_usage_perc{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'KV cache, fullest',
          range: false,
          refId: 'A',
        },
      ],
      title: 'KV cache, fullest',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Requests waiting, mean over the engines of a model, so that one bound serves any number of replicas. Warning above ' + chosen.words('requests_waiting', 'warning') + ': a queue that stays for minutes means arrivals outrun the engine, whatever its size. Critical above ' + chosen.words('requests_waiting', 'critical') + ': about the time-out of an interactive client at a few requests per second.\n\nMetrics: `vllm:num_requests_waiting`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'thresholds',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  color: 'transparent',
                  index: 0,
                  text: 'no data: no server selected',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('requests_waiting', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('requests_waiting', 'critical'),
              },
            ],
          },
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 12,
        y: 0,
      },
      id: 167038,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-kv-cache?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'background_solid',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max(\n  avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    max without (pid) (\n      ' + chosen.metric_prefix + 'num_requests_waiting{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n    )\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Waiting, worst',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Waiting, worst',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of finished requests that ended with an error (0.13.0+). Known from vLLM 0.13.0 on. Warning above ' + chosen.words('request_errors', 'warning') + ': a healthy server has none. Critical above ' + chosen.words('request_errors', 'critical') + ': one in twenty users sees a failure.\n\nMetrics: `vllm:request_success_total`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'thresholds',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  color: 'transparent',
                  index: 0,
                  text: 'no data: no traffic',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('request_errors', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('request_errors', 'critical'),
              },
            ],
          },
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 15,
        y: 0,
      },
      id: 976581,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-throughput?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'background_solid',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max(\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine",finished_reason="error"}[$__rate_interval])\n    )\n    or\n    0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    )\n  )\n  /\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    ) > 0\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Errors, worst',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Errors, worst',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of HTTP requests answered with 5xx. Errors after a stream began count as 2xx. Warning above ' + chosen.words('http_server_errors', 'warning') + ": client mistakes are 4xx; 5xx is the server's own failure. Critical above " + chosen.words('http_server_errors', 'critical') + ': one in twenty calls fails.\n\nMetrics: `http_requests_total`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'thresholds',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  color: 'transparent',
                  index: 0,
                  text: 'no data: no traffic, or vLLM is older than 0.8.5',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no traffic, or vLLM is older than 0.8.5',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('http_server_errors', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('http_server_errors', 'critical'),
              },
            ],
          },
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 18,
        y: 0,
      },
      id: 259018,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-throughput?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'background_solid',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max(\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(http_requests_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance",' + chosen.target_selector + ',status=~"5.."}[$__rate_interval])\n    )\n    or\n    0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(http_requests_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance",' + chosen.target_selector + '}[$__rate_interval])\n    )\n  )\n  /\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(http_requests_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance",' + chosen.target_selector + '}[$__rate_interval])\n    ) > 0\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'HTTP 5xx, worst',
          range: false,
          refId: 'A',
        },
      ],
      title: 'HTTP 5xx, worst',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of the budget of 30d that is left; below 0 it is overspent. Objective: ' + chosen.percent('ttft') + ' % of the first tokens within 1 s.\n\nMetrics: `vllm:time_to_first_token_seconds`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'thresholds',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  color: 'transparent',
                  index: 0,
                  text: 'no data: the recording rules are not loaded, or no traffic',
                },
              },
              type: 'special',
            },
          ],
          noValue: 'no data: the recording rules are not loaded, or no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'red',
                value: null,
              },
              {
                color: 'orange',
                value: 0,
              },
              {
                color: 'green',
                value: 0.25,
              },
            ],
          },
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 21,
        y: 0,
      },
      id: 102518,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-slo?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'background_solid',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'min(\n  model:vllm_slo_ttft_budget_left:ratio30d{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'TTFT budget left',
          range: false,
          refId: 'A',
        },
      ],
      title: 'TTFT budget left',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Engines that report. A server that Prometheus can't scrape has none.\n\nMetrics: `vllm:num_requests_running`",
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  index: 0,
                  text: 'no data: no traffic',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 0,
        y: 4,
      },
      id: 597521,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-engines?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(\n  count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (max without (pid) (' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}))\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Engines',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Engines',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'From arrival at the API server to the first token: queueing and prefill. The mean is exact.\n\nMetrics: `vllm:time_to_first_token_seconds`',
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  index: 0,
                  text: 'no data: no traffic',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 's',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 3,
        y: 4,
      },
      id: 31062,
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'TTFT, mean',
          range: false,
          refId: 'A',
        },
      ],
      title: 'TTFT, mean',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "How fast one request's text flows: 1 / mean inter-token latency. 1 / mean inter-token latency: what a single user sees.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`",
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  index: 0,
                  text: 'no data: no traffic',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 6,
        y: 4,
      },
      id: 557014,
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  or\n  rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Tokens/s per user',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Tokens/s per user',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Requests in the execution batch now, summed over engines.\n\nMetrics: `vllm:num_requests_running`',
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  index: 0,
                  text: 'no data: no server selected',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 9,
        y: 4,
      },
      id: 365300,
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(\n  max without (pid) (\n    ' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Running',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Running',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of prompt tokens found in the prefix cache, so not computed again.\n\nMetrics: `vllm:prefix_cache_hits_total`, `vllm:gpu_prefix_cache_hits_total`, `vllm:prefix_cache_queries_total`, `vllm:gpu_prefix_cache_queries_total`, `vllm:gpu_prefix_cache_hit_rate`',
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  index: 0,
                  text: 'no data: no traffic, or vLLM is older than 0.7.3',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no traffic, or vLLM is older than 0.7.3',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 12,
        y: 4,
      },
      id: 732999,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-kv-cache?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'prefix_cache_hits_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  or\n  rate(' + chosen.metric_prefix + 'gpu_prefix_cache_hits_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'prefix_cache_queries_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'gpu_prefix_cache_queries_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)\nor\navg(\n  max without (pid) (\n    ' + chosen.metric_prefix + 'gpu_prefix_cache_hit_rate{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance"} >= 0\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Prefix cache hits',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Prefix cache hits',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Sequences that ended per second, whatever the reason.\n\nMetrics: `vllm:request_success_total`',
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  index: 0,
                  text: 'no data: no server selected',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'reqps',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 15,
        y: 4,
      },
      id: 108214,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-throughput?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Requests/s',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Requests/s',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Prompt tokens taken in per second, cached ones included.\n\nMetrics: `vllm:prompt_tokens_total`',
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  index: 0,
                  text: 'no data: no server selected',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 18,
        y: 4,
      },
      id: 21523,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-throughput?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'prompt_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Prompt tokens/s',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Prompt tokens/s',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Tokens generated per second over all requests.\n\nMetrics: `vllm:generation_tokens_total`',
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  index: 0,
                  text: 'no data: no server selected',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 3,
        x: 21,
        y: 4,
      },
      id: 798122,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-throughput?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        percentChangeColorMode: 'standard',
        reduceOptions: {
          calcs: [
            'lastNotNull',
          ],
          fields: '',
          values: false,
        },
        showPercentChange: false,
        textMode: 'auto',
        wideLayout: true,
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'generation_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Output tokens/s',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Output tokens/s',
      type: 'stat',
    },
    {
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 8,
      },
      id: 461134,
      panels: [],
      title: 'Which model, and what fires',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Engines that report. A server that Prometheus can't scrape has none. Waiting is per engine. A model's name leads to its latency board. Errors are known from vLLM 0.13.0 on.\n\nMetrics: `vllm:num_requests_running`, `vllm:num_requests_waiting`, `vllm:kv_cache_usage_perc`, `vllm:gpu_cache_usage_perc`, `vllm:time_to_first_token_seconds`, `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`, `vllm:generation_tokens_total`, `vllm:request_success_total`",
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          custom: {
            align: 'auto',
            cellOptions: {
              type: 'auto',
            },
            filterable: false,
            inspect: false,
          },
          mappings: [],
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'short',
        },
        overrides: [
          {
            matcher: {
              id: 'byName',
              options: 'Model',
            },
            properties: [
              {
                id: 'unit',
                value: 'string',
              },
              {
                id: 'links',
                value: [
                  {
                    targetBlank: false,
                    title: 'Show only this',
                    url: '/d/vllm-obs-latency?${__url_time_range}&${datasource:queryparam}&${' + chosen.cluster_label + ':queryparam}&${' + chosen.namespace_label + ':queryparam}&${job:queryparam}&var-model_name=${__value.raw:percentencode}',
                  },
                ],
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: chosen.title(chosen.namespace_label),
            },
            properties: [
              {
                id: 'unit',
                value: 'string',
              },
              {
                id: 'custom.width',
                value: 100,
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Engines',
            },
            properties: [
              {
                id: 'unit',
                value: 'short',
              },
              {
                id: 'noValue',
                value: '–',
              },
              {
                id: 'custom.width',
                value: 88,
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Running',
            },
            properties: [
              {
                id: 'unit',
                value: 'short',
              },
              {
                id: 'noValue',
                value: '–',
              },
              {
                id: 'custom.width',
                value: 88,
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Waiting',
            },
            properties: [
              {
                id: 'unit',
                value: 'short',
              },
              {
                id: 'color',
                value: {
                  mode: 'thresholds',
                },
              },
              {
                id: 'thresholds',
                value: {
                  mode: 'absolute',
                  steps: [
                    {
                      color: 'green',
                      value: null,
                    },
                    {
                      color: 'orange',
                      value: chosen.from('requests_waiting', 'warning'),
                    },
                    {
                      color: 'red',
                      value: chosen.from('requests_waiting', 'critical'),
                    },
                  ],
                },
              },
              {
                id: 'noValue',
                value: '–',
              },
              {
                id: 'custom.width',
                value: 88,
              },
              {
                id: 'custom.cellOptions',
                value: {
                  type: 'color-text',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'KV cache',
            },
            properties: [
              {
                id: 'unit',
                value: 'percentunit',
              },
              {
                id: 'color',
                value: {
                  mode: 'thresholds',
                },
              },
              {
                id: 'thresholds',
                value: {
                  mode: 'absolute',
                  steps: [
                    {
                      color: 'green',
                      value: null,
                    },
                    {
                      color: 'orange',
                      value: chosen.from('kv_cache_usage', 'warning'),
                    },
                    {
                      color: 'red',
                      value: chosen.from('kv_cache_usage', 'critical'),
                    },
                  ],
                },
              },
              {
                id: 'noValue',
                value: '–',
              },
              {
                id: 'custom.width',
                value: 88,
              },
              {
                id: 'custom.cellOptions',
                value: {
                  type: 'color-text',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'TTFT p95',
            },
            properties: [
              {
                id: 'unit',
                value: 's',
              },
              {
                id: 'color',
                value: {
                  mode: 'thresholds',
                },
              },
              {
                id: 'thresholds',
                value: {
                  mode: 'absolute',
                  steps: [
                    {
                      color: 'green',
                      value: null,
                    },
                    {
                      color: 'orange',
                      value: chosen.from('ttft', 'warning'),
                    },
                    {
                      color: 'red',
                      value: chosen.from('ttft', 'critical'),
                    },
                  ],
                },
              },
              {
                id: 'noValue',
                value: '–',
              },
              {
                id: 'custom.width',
                value: 88,
              },
              {
                id: 'custom.cellOptions',
                value: {
                  type: 'color-text',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'ITL p95',
            },
            properties: [
              {
                id: 'unit',
                value: 's',
              },
              {
                id: 'color',
                value: {
                  mode: 'thresholds',
                },
              },
              {
                id: 'thresholds',
                value: {
                  mode: 'absolute',
                  steps: [
                    {
                      color: 'green',
                      value: null,
                    },
                    {
                      color: 'orange',
                      value: chosen.from('itl', 'warning'),
                    },
                    {
                      color: 'red',
                      value: chosen.from('itl', 'critical'),
                    },
                  ],
                },
              },
              {
                id: 'noValue',
                value: '–',
              },
              {
                id: 'custom.width',
                value: 88,
              },
              {
                id: 'custom.cellOptions',
                value: {
                  type: 'color-text',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Tokens/s',
            },
            properties: [
              {
                id: 'unit',
                value: 'short',
              },
              {
                id: 'noValue',
                value: '–',
              },
              {
                id: 'custom.width',
                value: 88,
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Errors',
            },
            properties: [
              {
                id: 'unit',
                value: 'percentunit',
              },
              {
                id: 'color',
                value: {
                  mode: 'thresholds',
                },
              },
              {
                id: 'thresholds',
                value: {
                  mode: 'absolute',
                  steps: [
                    {
                      color: 'green',
                      value: null,
                    },
                    {
                      color: 'orange',
                      value: chosen.from('request_errors', 'warning'),
                    },
                    {
                      color: 'red',
                      value: chosen.from('request_errors', 'critical'),
                    },
                  ],
                },
              },
              {
                id: 'noValue',
                value: '–',
              },
              {
                id: 'custom.width',
                value: 88,
              },
              {
                id: 'custom.cellOptions',
                value: {
                  type: 'color-text',
                },
              },
            ],
          },
        ],
      },
      gridPos: {
        h: 8,
        w: 15,
        x: 0,
        y: 9,
      },
      id: 437056,
      options: {
        cellHeight: 'sm',
        showHeader: true,
        sortBy: [
          {
            desc: true,
            displayName: 'Waiting',
          },
        ],
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (max without (pid) (' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}))',
          format: 'table',
          instant: true,
          legendFormat: 'Engines',
          range: false,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max without (pid) (\n    ' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n  )\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Running',
          range: false,
          refId: 'B',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max without (pid) (\n    ' + chosen.metric_prefix + 'num_requests_waiting{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n  )\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Waiting',
          range: false,
          refId: 'C',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  ' + chosen.metric_prefix + 'kv_cache_usage_perc{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n  or\n  ' + chosen.metric_prefix + 'gpu_cache_usage_perc{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'KV cache',
          range: false,
          refId: 'D',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.95,\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n    rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'table',
          instant: true,
          legendFormat: 'TTFT p95',
          range: false,
          refId: 'E',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.95,\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n    rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'table',
          instant: true,
          legendFormat: 'ITL p95',
          range: false,
          refId: 'F',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'generation_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Tokens/s',
          range: false,
          refId: 'G',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: '(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine",finished_reason="error"}[$__rate_interval])\n  )\n  or\n  0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Errors',
          range: false,
          refId: 'H',
        },
      ],
      title: 'Models',
      transformations: [
        {
          id: 'merge',
          options: {},
        },
        {
          id: 'organize',
          options: {
            excludeByName: {
              Time: true,
              [chosen.cluster_label]: true,
              job: true,
            },
            includeByName: {},
            indexByName: {
              'Value #A': 2,
              'Value #B': 3,
              'Value #C': 4,
              'Value #D': 5,
              'Value #E': 6,
              'Value #F': 7,
              'Value #G': 8,
              'Value #H': 9,
              [chosen.cluster_label]: 10,
              job: 11,
              model_name: 0,
              [chosen.namespace_label]: 1,
            },
            renameByName: {
              'Value #A': 'Engines',
              'Value #B': 'Running',
              'Value #C': 'Waiting',
              'Value #D': 'KV cache',
              'Value #E': 'TTFT p95',
              'Value #F': 'ITL p95',
              'Value #G': 'Tokens/s',
              'Value #H': 'Errors',
              model_name: 'Model',
              [chosen.namespace_label]: chosen.title(chosen.namespace_label),
            },
          },
        },
      ],
      type: 'table',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "From the series that Prometheus writes of its alerts, so of every data source that evaluates them. An alert's name leads to its runbook. Since is how long its condition has held; a warning that is critical already stands once.\n\nMetrics: `ALERTS`, `ALERTS_FOR_STATE`",
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          custom: {
            align: 'auto',
            cellOptions: {
              type: 'auto',
            },
            filterable: false,
            inspect: false,
          },
          mappings: [
            {
              options: {
                critical: {
                  color: 'red',
                  index: 0,
                  text: 'critical',
                },
                info: {
                  color: 'blue',
                  index: 2,
                  text: 'info',
                },
                warning: {
                  color: 'orange',
                  index: 1,
                  text: 'warning',
                },
              },
              type: 'value',
            },
          ],
          noValue: 'no data: nothing fires, or the alert rules are not loaded',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'short',
        },
        overrides: [
          {
            matcher: {
              id: 'byName',
              options: 'Severity',
            },
            properties: [
              {
                id: 'unit',
                value: 'string',
              },
              {
                id: 'custom.width',
                value: 90,
              },
              {
                id: 'color',
                value: {
                  mode: 'thresholds',
                },
              },
              {
                id: 'thresholds',
                value: {
                  mode: 'absolute',
                  steps: [
                    {
                      color: 'text',
                      value: null,
                    },
                  ],
                },
              },
              {
                id: 'custom.cellOptions',
                value: {
                  type: 'color-text',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Alert',
            },
            properties: [
              {
                id: 'unit',
                value: 'string',
              },
              {
                id: 'links',
                value: [
                  {
                    targetBlank: true,
                    title: 'Runbook',
                    url: chosen.runbook_url[0] + '${__value.raw}' + chosen.runbook_url[1],
                  },
                ],
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Of',
            },
            properties: [
              {
                id: 'unit',
                value: 'string',
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Since',
            },
            properties: [
              {
                id: 'unit',
                value: 's',
              },
              {
                id: 'decimals',
                value: 1,
              },
              {
                id: 'noValue',
                value: '–',
              },
              {
                id: 'custom.width',
                value: 88,
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Firing',
            },
            properties: [
              {
                id: 'noValue',
                value: '–',
              },
            ],
          },
        ],
      },
      gridPos: {
        h: 8,
        w: 9,
        x: 15,
        y: 9,
      },
      id: 355366,
      options: {
        cellHeight: 'sm',
        showHeader: true,
        sortBy: [
          {
            desc: false,
            displayName: 'Severity',
          },
        ],
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'label_join(\n  group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n    ALERTS{alertname=~"Vllm.+",alertstate="firing",severity="critical",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n  )\n  or on (alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\n  group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n    ALERTS{alertname=~"Vllm.+",alertstate="firing",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n  ),\n  "where", " ", "model_name", "instance", "' + chosen.namespace_label + '"\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Firing',
          range: false,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'label_join(\n  time() - min by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n    ALERTS_FOR_STATE{alertname=~"Vllm.+",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n    and ignoring (alertstate)\n    ALERTS{alertname=~"Vllm.+",alertstate="firing",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n  )\n  and on (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\n  (\n    group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n      ALERTS{alertname=~"Vllm.+",alertstate="firing",severity="critical",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n    )\n    or on (alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\n    group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n      ALERTS{alertname=~"Vllm.+",alertstate="firing",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n    )\n  ),\n  "where", " ", "model_name", "instance", "' + chosen.namespace_label + '"\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Since',
          range: false,
          refId: 'B',
        },
      ],
      title: 'Firing alerts',
      transformations: [
        {
          id: 'merge',
          options: {},
        },
        {
          id: 'organize',
          options: {
            excludeByName: {
              Time: true,
              'Value #A': true,
              [chosen.cluster_label]: true,
              instance: true,
              job: true,
              model_name: true,
              [chosen.namespace_label]: true,
            },
            includeByName: {},
            indexByName: {
              'Value #A': 9,
              'Value #B': 3,
              alertname: 1,
              [chosen.cluster_label]: 6,
              instance: 5,
              job: 8,
              model_name: 4,
              [chosen.namespace_label]: 7,
              severity: 0,
              where: 2,
            },
            renameByName: {
              'Value #B': 'Since',
              alertname: 'Alert',
              severity: 'Severity',
              where: 'Of',
            },
          },
        },
      ],
      type: 'table',
    },
    {
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 17,
      },
      id: 120151,
      panels: [],
      title: 'Speed',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'From arrival at the API server to the first token: queueing and prefill. Interpolated between bucket bounds. Warning above ' + chosen.words('ttft', 'warning') + ': a second is where a chat user notices the wait. Critical above ' + chosen.words('ttft', 'critical') + ': the next bucket bound past two seconds, where users give up.\n\nMetrics: `vllm:time_to_first_token_seconds`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'palette-classic',
          },
          custom: {
            axisBorderShow: false,
            axisCenteredZero: false,
            axisColorMode: 'text',
            axisLabel: '',
            axisPlacement: 'auto',
            barAlignment: 0,
            drawStyle: 'line',
            fillOpacity: 0,
            gradientMode: 'none',
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            insertNulls: false,
            lineInterpolation: 'linear',
            lineWidth: 1,
            pointSize: 5,
            scaleDistribution: {
              type: 'linear',
            },
            showPoints: 'auto',
            spanNulls: false,
            stacking: {
              group: 'A',
              mode: 'none',
            },
            thresholdsStyle: {
              mode: 'dashed',
            },
          },
          mappings: [],
          min: 0,
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('ttft', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('ttft', 'critical'),
              },
            ],
          },
          unit: 's',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 0,
        y: 18,
      },
      id: 957227,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-latency?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        legend: {
          calcs: [],
          displayMode: 'list',
          placement: 'bottom',
          showLegend: true,
        },
        tooltip: {
          hideZeros: false,
          mode: 'multi',
          sort: 'desc',
        },
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.95,\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n    rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Time to first token by model, p95',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Time between two outputs of one request: how fast text flows. Interpolated between bucket bounds. Warning above ' + chosen.words('itl', 'warning') + ': ten tokens a second is about reading speed. Critical above ' + chosen.words('itl', 'critical') + ': four tokens a second reads as stuttering.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'palette-classic',
          },
          custom: {
            axisBorderShow: false,
            axisCenteredZero: false,
            axisColorMode: 'text',
            axisLabel: '',
            axisPlacement: 'auto',
            barAlignment: 0,
            drawStyle: 'line',
            fillOpacity: 0,
            gradientMode: 'none',
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            insertNulls: false,
            lineInterpolation: 'linear',
            lineWidth: 1,
            pointSize: 5,
            scaleDistribution: {
              type: 'linear',
            },
            showPoints: 'auto',
            spanNulls: false,
            stacking: {
              group: 'A',
              mode: 'none',
            },
            thresholdsStyle: {
              mode: 'dashed',
            },
          },
          mappings: [],
          min: 0,
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('itl', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('itl', 'critical'),
              },
            ],
          },
          unit: 's',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 8,
        y: 18,
      },
      id: 703837,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-latency?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        legend: {
          calcs: [],
          displayMode: 'list',
          placement: 'bottom',
          showLegend: true,
        },
        tooltip: {
          hideZeros: false,
          mode: 'multi',
          sort: 'desc',
        },
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.95,\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n    rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Inter-token latency by model, p95',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'From arrival to the last token; known only when a request ends. Interpolated between bucket bounds.\n\nMetrics: `vllm:e2e_request_latency_seconds`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'palette-classic',
          },
          custom: {
            axisBorderShow: false,
            axisCenteredZero: false,
            axisColorMode: 'text',
            axisLabel: '',
            axisPlacement: 'auto',
            barAlignment: 0,
            drawStyle: 'line',
            fillOpacity: 0,
            gradientMode: 'none',
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            insertNulls: false,
            lineInterpolation: 'linear',
            lineWidth: 1,
            pointSize: 5,
            scaleDistribution: {
              type: 'linear',
            },
            showPoints: 'auto',
            spanNulls: false,
            stacking: {
              group: 'A',
              mode: 'none',
            },
            thresholdsStyle: {
              mode: 'off',
            },
          },
          mappings: [],
          min: 0,
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 's',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 16,
        y: 18,
      },
      id: 694312,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-latency?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        legend: {
          calcs: [],
          displayMode: 'list',
          placement: 'bottom',
          showLegend: true,
        },
        tooltip: {
          hideZeros: false,
          mode: 'multi',
          sort: 'desc',
        },
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.95,\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, le) (\n    rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'End-to-end latency by model, p95',
      type: 'timeseries',
    },
    {
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 26,
      },
      id: 694872,
      panels: [],
      title: 'Work',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Tokens generated per second over all requests.\n\nMetrics: `vllm:generation_tokens_total`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'palette-classic',
          },
          custom: {
            axisBorderShow: false,
            axisCenteredZero: false,
            axisColorMode: 'text',
            axisLabel: '',
            axisPlacement: 'auto',
            barAlignment: 0,
            drawStyle: 'line',
            fillOpacity: 0,
            gradientMode: 'none',
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            insertNulls: false,
            lineInterpolation: 'linear',
            lineWidth: 1,
            pointSize: 5,
            scaleDistribution: {
              type: 'linear',
            },
            showPoints: 'auto',
            spanNulls: false,
            stacking: {
              group: 'A',
              mode: 'none',
            },
            thresholdsStyle: {
              mode: 'off',
            },
          },
          mappings: [],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 0,
        y: 27,
      },
      id: 116057,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-throughput?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        legend: {
          calcs: [],
          displayMode: 'list',
          placement: 'bottom',
          showLegend: true,
        },
        tooltip: {
          hideZeros: false,
          mode: 'multi',
          sort: 'desc',
        },
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'generation_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Output tokens per second by model',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Requests in the execution batch now, summed over engines.\n\nMetrics: `vllm:num_requests_running`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'palette-classic',
          },
          custom: {
            axisBorderShow: false,
            axisCenteredZero: false,
            axisColorMode: 'text',
            axisLabel: '',
            axisPlacement: 'auto',
            barAlignment: 0,
            drawStyle: 'line',
            fillOpacity: 0,
            gradientMode: 'none',
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            insertNulls: false,
            lineInterpolation: 'linear',
            lineWidth: 1,
            pointSize: 5,
            scaleDistribution: {
              type: 'linear',
            },
            showPoints: 'auto',
            spanNulls: false,
            stacking: {
              group: 'A',
              mode: 'none',
            },
            thresholdsStyle: {
              mode: 'off',
            },
          },
          mappings: [],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 8,
        y: 27,
      },
      id: 736007,
      options: {
        legend: {
          calcs: [],
          displayMode: 'list',
          placement: 'bottom',
          showLegend: true,
        },
        tooltip: {
          hideZeros: false,
          mode: 'multi',
          sort: 'desc',
        },
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max without (pid) (\n    ' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n  )\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Running requests by model',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Sequences that ended per second, whatever the reason. length: cut off by a token limit. Client disconnects are usually not counted.\n\nMetrics: `vllm:request_success_total`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'palette-classic',
          },
          custom: {
            axisBorderShow: false,
            axisCenteredZero: false,
            axisColorMode: 'text',
            axisLabel: '',
            axisPlacement: 'auto',
            barAlignment: 0,
            drawStyle: 'line',
            fillOpacity: 30,
            gradientMode: 'none',
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            insertNulls: false,
            lineInterpolation: 'linear',
            lineWidth: 1,
            pointSize: 5,
            scaleDistribution: {
              type: 'linear',
            },
            showPoints: 'auto',
            spanNulls: false,
            stacking: {
              group: 'A',
              mode: 'normal',
            },
            thresholdsStyle: {
              mode: 'off',
            },
          },
          mappings: [],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'reqps',
        },
        overrides: [
          {
            matcher: {
              id: 'byName',
              options: 'stop',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'green',
                  mode: 'fixed',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'length',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'blue',
                  mode: 'fixed',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'abort',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'orange',
                  mode: 'fixed',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'error',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'red',
                  mode: 'fixed',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'repetition',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'purple',
                  mode: 'fixed',
                },
              },
            ],
          },
        ],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 16,
        y: 27,
      },
      id: 769097,
      options: {
        legend: {
          calcs: [],
          displayMode: 'list',
          placement: 'bottom',
          showLegend: true,
        },
        tooltip: {
          hideZeros: false,
          mode: 'multi',
          sort: 'desc',
        },
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum by (finished_reason) (\n  rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{finished_reason}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Finished requests per second, by reason',
      type: 'timeseries',
    },
    {
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 35,
      },
      id: 740928,
      panels: [],
      title: 'Room and failures',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of KV cache blocks in use on the fullest engine: one full engine queues while the mean looks calm. Warning above ' + chosen.words('kv_cache_usage', 'warning') + ': above it one long prompt can fill the rest; ten minutes tell a level from the peak of a batch. Critical above ' + chosen.words('kv_cache_usage', 'critical') + ': full and queueing: a full cache alone is normal for a batch job.\n\nMetrics: `vllm:kv_cache_usage_perc`, `vllm:gpu_cache_usage_perc`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'palette-classic',
          },
          custom: {
            axisBorderShow: false,
            axisCenteredZero: false,
            axisColorMode: 'text',
            axisLabel: '',
            axisPlacement: 'auto',
            [if chosen.room('kv_cache_usage', 'critical') != null then 'axisSoftMax']: chosen.room('kv_cache_usage', 'critical'),
            barAlignment: 0,
            drawStyle: 'line',
            fillOpacity: 0,
            gradientMode: 'none',
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            insertNulls: false,
            lineInterpolation: 'linear',
            lineWidth: 1,
            pointSize: 5,
            scaleDistribution: {
              type: 'linear',
            },
            showPoints: 'auto',
            spanNulls: false,
            stacking: {
              group: 'A',
              mode: 'none',
            },
            thresholdsStyle: {
              mode: 'dashed',
            },
          },
          mappings: [],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('kv_cache_usage', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('kv_cache_usage', 'critical'),
              },
            ],
          },
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 0,
        y: 36,
      },
      id: 452429,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-kv-cache?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        legend: {
          calcs: [],
          displayMode: 'list',
          placement: 'bottom',
          showLegend: true,
        },
        tooltip: {
          hideZeros: false,
          mode: 'multi',
          sort: 'desc',
        },
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  ' + chosen.metric_prefix + 'kv_cache_usage_perc{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n  or\n  ' + chosen.metric_prefix + 'gpu_cache_usage_perc{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'KV cache usage by model, fullest engine',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Requests waiting, mean over the engines of a model, so that one bound serves any number of replicas. Warning above ' + chosen.words('requests_waiting', 'warning') + ': a queue that stays for minutes means arrivals outrun the engine, whatever its size. Critical above ' + chosen.words('requests_waiting', 'critical') + ': about the time-out of an interactive client at a few requests per second.\n\nMetrics: `vllm:num_requests_waiting`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'palette-classic',
          },
          custom: {
            axisBorderShow: false,
            axisCenteredZero: false,
            axisColorMode: 'text',
            axisLabel: '',
            axisPlacement: 'auto',
            [if chosen.room('requests_waiting', 'critical') != null then 'axisSoftMax']: chosen.room('requests_waiting', 'critical'),
            barAlignment: 0,
            drawStyle: 'line',
            fillOpacity: 0,
            gradientMode: 'none',
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            insertNulls: false,
            lineInterpolation: 'linear',
            lineWidth: 1,
            pointSize: 5,
            scaleDistribution: {
              type: 'linear',
            },
            showPoints: 'auto',
            spanNulls: false,
            stacking: {
              group: 'A',
              mode: 'none',
            },
            thresholdsStyle: {
              mode: 'dashed',
            },
          },
          mappings: [],
          min: 0,
          noValue: 'no data: no server selected',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('requests_waiting', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('requests_waiting', 'critical'),
              },
            ],
          },
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 8,
        y: 36,
      },
      id: 491097,
      options: {
        legend: {
          calcs: [],
          displayMode: 'list',
          placement: 'bottom',
          showLegend: true,
        },
        tooltip: {
          hideZeros: false,
          mode: 'multi',
          sort: 'desc',
        },
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max without (pid) (\n    ' + chosen.metric_prefix + 'num_requests_waiting{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n  )\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Waiting requests per engine, by model',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of finished requests that ended with an error (0.13.0+). Older versions count none and always show 0. Warning above ' + chosen.words('request_errors', 'warning') + ': a healthy server has none. Critical above ' + chosen.words('request_errors', 'critical') + ': one in twenty users sees a failure.\n\nMetrics: `vllm:request_success_total`',
      fieldConfig: {
        defaults: {
          color: {
            mode: 'palette-classic',
          },
          custom: {
            axisBorderShow: false,
            axisCenteredZero: false,
            axisColorMode: 'text',
            axisLabel: '',
            axisPlacement: 'auto',
            [if chosen.room('request_errors', 'critical') != null then 'axisSoftMax']: chosen.room('request_errors', 'critical'),
            barAlignment: 0,
            drawStyle: 'line',
            fillOpacity: 0,
            gradientMode: 'none',
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            insertNulls: false,
            lineInterpolation: 'linear',
            lineWidth: 1,
            pointSize: 5,
            scaleDistribution: {
              type: 'linear',
            },
            showPoints: 'auto',
            spanNulls: false,
            stacking: {
              group: 'A',
              mode: 'none',
            },
            thresholdsStyle: {
              mode: 'dashed',
            },
          },
          mappings: [],
          min: 0,
          noValue: 'no data: no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('request_errors', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('request_errors', 'critical'),
              },
            ],
          },
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 16,
        y: 36,
      },
      id: 819147,
      links: [
        {
          targetBlank: false,
          title: 'More',
          url: '/d/vllm-obs-throughput?${__url_time_range}&${__all_variables}',
        },
      ],
      options: {
        legend: {
          calcs: [],
          displayMode: 'list',
          placement: 'bottom',
          showLegend: true,
        },
        tooltip: {
          hideZeros: false,
          mode: 'multi',
          sort: 'desc',
        },
      },
      pluginVersion: '11.0.0',
      targets: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: '(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine",finished_reason="error"}[$__rate_interval])\n  )\n  or\n  0 * sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'request_success_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Share finished with error, by model',
      type: 'timeseries',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 44,
      },
      id: 95985,
      panels: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: "Scrape targets of vLLM. Targets that the selector of the settings matches; the engine's own metrics need no selector.\n\nMetrics: `up` and what Prometheus itself says of a scrape",
          fieldConfig: {
            defaults: {
              color: {
                fixedColor: 'text',
                mode: 'fixed',
              },
              custom: {
                align: 'auto',
                cellOptions: {
                  type: 'auto',
                },
                filterable: false,
                inspect: false,
              },
              mappings: [],
              noValue: "no data: no target's job matches the selector (the setting target_selector)",
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'text',
                    value: null,
                  },
                ],
              },
              unit: 'short',
            },
            overrides: [
              {
                matcher: {
                  id: 'byName',
                  options: 'Job',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'string',
                  },
                  {
                    id: 'custom.width',
                    value: 100,
                  },
                ],
              },
              {
                matcher: {
                  id: 'byName',
                  options: chosen.title(chosen.namespace_label),
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'string',
                  },
                  {
                    id: 'custom.width',
                    value: 100,
                  },
                ],
              },
              {
                matcher: {
                  id: 'byName',
                  options: 'Targets',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'short',
                  },
                  {
                    id: 'noValue',
                    value: '–',
                  },
                  {
                    id: 'custom.width',
                    value: 88,
                  },
                ],
              },
              {
                matcher: {
                  id: 'byName',
                  options: 'Up',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'short',
                  },
                  {
                    id: 'noValue',
                    value: '–',
                  },
                  {
                    id: 'custom.width',
                    value: 88,
                  },
                ],
              },
              {
                matcher: {
                  id: 'byName',
                  options: 'Last scrape',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 's',
                  },
                  {
                    id: 'noValue',
                    value: '–',
                  },
                  {
                    id: 'custom.width',
                    value: 88,
                  },
                ],
              },
              {
                matcher: {
                  id: 'byName',
                  options: 'Scrape time',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 's',
                  },
                  {
                    id: 'noValue',
                    value: '–',
                  },
                  {
                    id: 'custom.width',
                    value: 88,
                  },
                ],
              },
              {
                matcher: {
                  id: 'byName',
                  options: 'Samples',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'short',
                  },
                  {
                    id: 'noValue',
                    value: '–',
                  },
                  {
                    id: 'custom.width',
                    value: 88,
                  },
                ],
              },
            ],
          },
          gridPos: {
            h: 7,
            w: 12,
            x: 0,
            y: 45,
          },
          id: 462887,
          options: {
            cellHeight: 'sm',
            showHeader: true,
            sortBy: [],
          },
          pluginVersion: '11.0.0',
          targets: [
            {
              datasource: {
                type: 'prometheus',
                uid: '${datasource}',
              },
              editorMode: 'code',
              expr: 'count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (up{' + chosen.target_selector + ',' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance"})',
              format: 'table',
              instant: true,
              legendFormat: 'Targets',
              range: false,
              refId: 'A',
            },
            {
              datasource: {
                type: 'prometheus',
                uid: '${datasource}',
              },
              editorMode: 'code',
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (up{' + chosen.target_selector + ',' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance"})',
              format: 'table',
              instant: true,
              legendFormat: 'Up',
              range: false,
              refId: 'B',
            },
            {
              datasource: {
                type: 'prometheus',
                uid: '${datasource}',
              },
              editorMode: 'code',
              expr: 'time() - min by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (timestamp(up{' + chosen.target_selector + ',' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance"}))',
              format: 'table',
              instant: true,
              legendFormat: 'Last scrape',
              range: false,
              refId: 'C',
            },
            {
              datasource: {
                type: 'prometheus',
                uid: '${datasource}',
              },
              editorMode: 'code',
              expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (scrape_duration_seconds{' + chosen.target_selector + ',' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance"})',
              format: 'table',
              instant: true,
              legendFormat: 'Scrape time',
              range: false,
              refId: 'D',
            },
            {
              datasource: {
                type: 'prometheus',
                uid: '${datasource}',
              },
              editorMode: 'code',
              expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (scrape_samples_scraped{' + chosen.target_selector + ',' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance"})',
              format: 'table',
              instant: true,
              legendFormat: 'Samples',
              range: false,
              refId: 'E',
            },
          ],
          title: 'Targets and scrapes',
          transformations: [
            {
              id: 'merge',
              options: {},
            },
            {
              id: 'organize',
              options: {
                excludeByName: {
                  Time: true,
                  [chosen.cluster_label]: true,
                },
                includeByName: {},
                indexByName: {
                  'Value #A': 2,
                  'Value #B': 3,
                  'Value #C': 4,
                  'Value #D': 5,
                  'Value #E': 6,
                  [chosen.cluster_label]: 7,
                  job: 0,
                  [chosen.namespace_label]: 1,
                },
                renameByName: {
                  'Value #A': 'Targets',
                  'Value #B': 'Up',
                  'Value #C': 'Last scrape',
                  'Value #D': 'Scrape time',
                  'Value #E': 'Samples',
                  job: 'Job',
                  [chosen.namespace_label]: chosen.title(chosen.namespace_label),
                },
              },
            },
          ],
          type: 'table',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'An engine shows every name up to its own version. An engine shows every name up to its own version, so the last rows say what the newest engines are.\n\nMetrics: `vllm:num_requests_running`, `vllm:iteration_tokens_total`, `vllm:request_time_per_output_token_seconds`, `vllm:mm_cache_queries_total`, `vllm:request_prefill_kv_computed_tokens`, `vllm:prompt_tokens_cached_total`, `vllm:estimated_flops_per_gpu_total`, `vllm:request_num_preemptions`',
          fieldConfig: {
            defaults: {
              color: {
                fixedColor: 'text',
                mode: 'fixed',
              },
              custom: {
                align: 'auto',
                cellOptions: {
                  type: 'auto',
                },
                filterable: false,
                inspect: false,
              },
              mappings: [],
              noValue: 'no data: no traffic, or vLLM is older than 0.30.0',
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'text',
                    value: null,
                  },
                ],
              },
              unit: 'short',
            },
            overrides: [
              {
                matcher: {
                  id: 'byName',
                  options: 'Names since vLLM',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'string',
                  },
                ],
              },
              {
                matcher: {
                  id: 'byName',
                  options: 'Engines',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'short',
                  },
                  {
                    id: 'noValue',
                    value: '–',
                  },
                  {
                    id: 'custom.width',
                    value: 88,
                  },
                ],
              },
            ],
          },
          gridPos: {
            h: 7,
            w: 6,
            x: 12,
            y: 45,
          },
          id: 623658,
          options: {
            cellHeight: 'sm',
            showHeader: true,
            sortBy: [],
          },
          pluginVersion: '11.0.0',
          targets: [
            {
              datasource: {
                type: 'prometheus',
                uid: '${datasource}',
              },
              editorMode: 'code',
              expr: 'label_replace(count(max without (pid) (last_over_time(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[5m]))), "since", "0.4.2", "", "")\nor\nlabel_replace(count(max without (pid) (last_over_time(' + chosen.metric_prefix + 'iteration_tokens_total_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[5m]))), "since", "0.6.6", "", "")\nor\nlabel_replace(count(max without (pid) (last_over_time(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[5m]))), "since", "0.11.0", "", "")\nor\nlabel_replace(count(max without (pid) (last_over_time(' + chosen.metric_prefix + 'mm_cache_queries_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[5m]))), "since", "0.12.0", "", "")\nor\nlabel_replace(count(max without (pid) (last_over_time(' + chosen.metric_prefix + 'request_prefill_kv_computed_tokens_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[5m]))), "since", "0.13.0", "", "")\nor\nlabel_replace(count(max without (pid) (last_over_time(' + chosen.metric_prefix + 'prompt_tokens_cached_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[5m]))), "since", "0.16.0", "", "")\nor\nlabel_replace(count(max without (pid) (last_over_time(' + chosen.metric_prefix + 'estimated_flops_per_gpu_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[5m]))), "since", "0.18.0", "", "")\nor\nlabel_replace(count(max without (pid) (last_over_time(' + chosen.metric_prefix + 'request_num_preemptions_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[5m]))), "since", "0.30.0", "", "")',
              format: 'table',
              instant: true,
              legendFormat: 'Engines',
              range: false,
              refId: 'A',
            },
          ],
          title: 'vLLM versions seen',
          transformations: [
            {
              id: 'organize',
              options: {
                excludeByName: {
                  Time: true,
                },
                includeByName: {},
                indexByName: {
                  Value: 1,
                  since: 0,
                },
                renameByName: {
                  Value: 'Engines',
                  since: 'Names since vLLM',
                },
              },
            },
          ],
          type: 'table',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Models of which the recording rules write series. Nothing: the rules are not loaded. Recorded series are what fleet boards, budgets and alerts read.\n\nMetrics: `vllm:num_requests_running`',
          fieldConfig: {
            defaults: {
              color: {
                fixedColor: 'text',
                mode: 'fixed',
              },
              custom: {
                align: 'auto',
                cellOptions: {
                  type: 'auto',
                },
                filterable: false,
                inspect: false,
              },
              mappings: [],
              noValue: 'no data: the recording rules are not loaded, or no traffic',
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'text',
                    value: null,
                  },
                ],
              },
              unit: 'short',
            },
            overrides: [
              {
                matcher: {
                  id: 'byName',
                  options: 'Job',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'string',
                  },
                  {
                    id: 'custom.width',
                    value: 100,
                  },
                ],
              },
              {
                matcher: {
                  id: 'byName',
                  options: chosen.title(chosen.namespace_label),
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'string',
                  },
                  {
                    id: 'custom.width',
                    value: 100,
                  },
                ],
              },
              {
                matcher: {
                  id: 'byName',
                  options: 'Models',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'short',
                  },
                  {
                    id: 'noValue',
                    value: '–',
                  },
                  {
                    id: 'custom.width',
                    value: 88,
                  },
                ],
              },
            ],
          },
          gridPos: {
            h: 7,
            w: 6,
            x: 18,
            y: 45,
          },
          id: 490979,
          options: {
            cellHeight: 'sm',
            showHeader: true,
            sortBy: [],
          },
          pluginVersion: '11.0.0',
          targets: [
            {
              datasource: {
                type: 'prometheus',
                uid: '${datasource}',
              },
              editorMode: 'code',
              expr: 'count by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (model:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"})',
              format: 'table',
              instant: true,
              legendFormat: 'Models',
              range: false,
              refId: 'A',
            },
          ],
          title: 'Models that the recording rules know',
          transformations: [
            {
              id: 'organize',
              options: {
                excludeByName: {
                  Time: true,
                  [chosen.cluster_label]: true,
                },
                includeByName: {},
                indexByName: {
                  Value: 2,
                  [chosen.cluster_label]: 3,
                  job: 0,
                  [chosen.namespace_label]: 1,
                },
                renameByName: {
                  Value: 'Models',
                  job: 'Job',
                  [chosen.namespace_label]: chosen.title(chosen.namespace_label),
                },
              },
            },
          ],
          type: 'table',
        },
      ],
      title: 'If panels are empty: what Prometheus has of vLLM',
      type: 'row',
    },
  ],
  refresh: '30s',
  schemaVersion: 39,
  tags: [
    'vllm',
    'vllm-observability',
  ],
  templating: {
    list: [
      {
        current: {
          text: 'default',
          value: 'default',
        },
        includeAll: false,
        label: 'Data source',
        name: 'datasource',
        options: [],
        query: 'prometheus',
        refresh: 1,
        regex: '',
        type: 'datasource',
      },
      {
        allValue: '.*',
        current: {
          text: [
            'All',
          ],
          value: [
            '$__all',
          ],
        },
        datasource: {
          type: 'prometheus',
          uid: '${datasource}',
        },
        definition: 'label_values(' + chosen.metric_prefix + 'num_requests_running, ' + chosen.cluster_label + ')',
        includeAll: true,
        label: chosen.title(chosen.cluster_label),
        multi: true,
        name: chosen.cluster_label,
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(' + chosen.metric_prefix + 'num_requests_running, ' + chosen.cluster_label + ')',
          refId: 'PrometheusVariableQueryEditor-VariableQuery',
        },
        refresh: 2,
        regex: '',
        sort: 7,
        type: 'query',
      },
      {
        allValue: '.*',
        current: {
          text: [
            'All',
          ],
          value: [
            '$__all',
          ],
        },
        datasource: {
          type: 'prometheus',
          uid: '${datasource}',
        },
        definition: 'label_values(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '"}, ' + chosen.namespace_label + ')',
        includeAll: true,
        label: chosen.title(chosen.namespace_label),
        multi: true,
        name: chosen.namespace_label,
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '"}, ' + chosen.namespace_label + ')',
          refId: 'PrometheusVariableQueryEditor-VariableQuery',
        },
        refresh: 2,
        regex: '',
        sort: 7,
        type: 'query',
      },
      {
        allValue: '.*',
        current: {
          text: [
            'All',
          ],
          value: [
            '$__all',
          ],
        },
        datasource: {
          type: 'prometheus',
          uid: '${datasource}',
        },
        definition: 'label_values(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '"}, job)',
        includeAll: true,
        label: 'Job',
        multi: true,
        name: 'job',
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '"}, job)',
          refId: 'PrometheusVariableQueryEditor-VariableQuery',
        },
        refresh: 2,
        regex: '',
        sort: 7,
        type: 'query',
      },
      {
        allValue: '.*',
        current: {
          text: [
            'All',
          ],
          value: [
            '$__all',
          ],
        },
        datasource: {
          type: 'prometheus',
          uid: '${datasource}',
        },
        definition: 'label_values(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job"}, model_name)',
        includeAll: true,
        label: 'Model',
        multi: true,
        name: 'model_name',
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job"}, model_name)',
          refId: 'PrometheusVariableQueryEditor-VariableQuery',
        },
        refresh: 2,
        regex: '',
        sort: 7,
        type: 'query',
      },
      {
        allValue: '.*',
        current: {
          text: [
            'All',
          ],
          value: [
            '$__all',
          ],
        },
        datasource: {
          type: 'prometheus',
          uid: '${datasource}',
        },
        definition: 'label_values(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}, instance)',
        includeAll: true,
        label: 'Instance',
        multi: true,
        name: 'instance',
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}, instance)',
          refId: 'PrometheusVariableQueryEditor-VariableQuery',
        },
        refresh: 2,
        regex: '',
        sort: 7,
        type: 'query',
      },
      {
        allValue: '.*',
        current: {
          text: [
            'All',
          ],
          value: [
            '$__all',
          ],
        },
        datasource: {
          type: 'prometheus',
          uid: '${datasource}',
        },
        definition: 'label_values(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance"}, engine)',
        includeAll: true,
        label: 'Engine',
        multi: true,
        name: 'engine',
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(' + chosen.metric_prefix + 'num_requests_running{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance"}, engine)',
          refId: 'PrometheusVariableQueryEditor-VariableQuery',
        },
        refresh: 2,
        regex: '',
        sort: 7,
        type: 'query',
      },
    ],
  },
  time: {
    from: 'now-1h',
    to: 'now',
  },
  timepicker: {},
  timezone: 'browser',
  title: 'vLLM / Overview',
  uid: 'vllm-obs-overview',
  weekStart: '',
}
