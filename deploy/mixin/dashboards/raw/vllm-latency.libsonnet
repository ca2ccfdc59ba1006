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
  description: 'Where do users wait: in the queue, for the first token, or between tokens?',
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
        x: 0,
        y: 0,
      },
      id: 157649,
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
        x: 3,
        y: 0,
      },
      id: 708230,
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
      description: 'Time that finished requests had spent waiting. The mean is exact. Warning above ' + chosen.words('queue_time', 'warning') + ': the mean, for the buckets start at 0.3 s; a second of waiting is all a chat allows. Critical above ' + chosen.words('queue_time', 'critical') + ': clients begin to time out and retry, which feeds the queue.\n\nMetrics: `vllm:request_queue_time_seconds`',
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
                value: chosen.from('queue_time', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('queue_time', 'critical'),
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
      id: 251820,
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
          expr: 'max(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'request_queue_time_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n  /\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'request_queue_time_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    ) > 0\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Queue, worst mean',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Queue, worst mean',
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
        x: 9,
        y: 0,
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
      description: 'Time between two outputs of one request: how fast text flows. The mean is exact.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`',
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
        x: 12,
        y: 0,
      },
      id: 39911,
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
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  or\n  rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'ITL, mean',
          range: false,
          refId: 'A',
        },
      ],
      title: 'ITL, mean',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Mean time per token of each finished request. The mean is exact.\n\nMetrics: `vllm:request_time_per_output_token_seconds`',
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
                  text: 'no data: no traffic, or vLLM is older than 0.11.0',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no traffic, or vLLM is older than 0.11.0',
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
        x: 15,
        y: 0,
      },
      id: 56115,
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
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'request_time_per_output_token_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'TPOT, mean',
          range: false,
          refId: 'A',
        },
      ],
      title: 'TPOT, mean',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'From arrival to the last token; known only when a request ends. The mean is exact.\n\nMetrics: `vllm:e2e_request_latency_seconds`',
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
        x: 18,
        y: 0,
      },
      id: 953054,
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
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'E2E, mean',
          range: false,
          refId: 'A',
        },
      ],
      title: 'E2E, mean',
      type: 'stat',
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
        x: 21,
        y: 0,
      },
      id: 99657,
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
          expr: 'histogram_quantile(0.95,\n  sum by (le) (\n    rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: true,
          legendFormat: 'E2E p95',
          range: false,
          refId: 'A',
        },
      ],
      title: 'E2E p95',
      type: 'stat',
    },
    {
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 4,
      },
      id: 540049,
      panels: [],
      title: 'How slow',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'From arrival at the API server to the first token: queueing and prefill. The mean is exact. Pooled over everything selected. The mean is exact, percentiles are interpolated between bucket bounds. Warning above ' + chosen.words('ttft', 'warning') + ': a second is where a chat user notices the wait. Critical above ' + chosen.words('ttft', 'critical') + ': the next bucket bound past two seconds, where users give up.\n\nMetrics: `vllm:time_to_first_token_seconds`',
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
        overrides: [
          {
            matcher: {
              id: 'byName',
              options: 'mean',
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
          {
            matcher: {
              id: 'byName',
              options: 'p50',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'super-light-blue',
                  mode: 'fixed',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'p95',
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
              options: 'p99',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'dark-blue',
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
        x: 0,
        y: 5,
      },
      id: 992326,
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
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: 'mean',
          range: true,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.5,\n  sum by (le) (\n    rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: 'p50',
          range: true,
          refId: 'B',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.95,\n  sum by (le) (\n    rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: 'p95',
          range: true,
          refId: 'C',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.99,\n  sum by (le) (\n    rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: 'p99',
          range: true,
          refId: 'D',
        },
      ],
      title: 'Time to first token',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Time between two outputs of one request: how fast text flows. The mean is exact. Pooled over everything selected. The mean is exact, percentiles are interpolated between bucket bounds. Warning above ' + chosen.words('itl', 'warning') + ': ten tokens a second is about reading speed. Critical above ' + chosen.words('itl', 'critical') + ': four tokens a second reads as stuttering.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`',
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
        overrides: [
          {
            matcher: {
              id: 'byName',
              options: 'mean',
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
          {
            matcher: {
              id: 'byName',
              options: 'p50',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'super-light-blue',
                  mode: 'fixed',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'p95',
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
              options: 'p99',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'dark-blue',
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
        x: 8,
        y: 5,
      },
      id: 767126,
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
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  or\n  rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: 'mean',
          range: true,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.5,\n  sum by (le) (\n    rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: 'p50',
          range: true,
          refId: 'B',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.95,\n  sum by (le) (\n    rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: 'p95',
          range: true,
          refId: 'C',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.99,\n  sum by (le) (\n    rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: 'p99',
          range: true,
          refId: 'D',
        },
      ],
      title: 'Inter-token latency',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'From arrival to the last token; known only when a request ends. The mean is exact. Pooled over everything selected. The mean is exact, percentiles are interpolated between bucket bounds.\n\nMetrics: `vllm:e2e_request_latency_seconds`',
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
        overrides: [
          {
            matcher: {
              id: 'byName',
              options: 'mean',
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
          {
            matcher: {
              id: 'byName',
              options: 'p50',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'super-light-blue',
                  mode: 'fixed',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'p95',
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
              options: 'p99',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'dark-blue',
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
        y: 5,
      },
      id: 711139,
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
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: 'mean',
          range: true,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.5,\n  sum by (le) (\n    rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: 'p50',
          range: true,
          refId: 'B',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.95,\n  sum by (le) (\n    rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: 'p95',
          range: true,
          refId: 'C',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'histogram_quantile(0.99,\n  sum by (le) (\n    rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n) >= 0',
          format: 'time_series',
          instant: false,
          legendFormat: 'p99',
          range: true,
          refId: 'D',
        },
      ],
      title: 'End-to-end latency',
      type: 'timeseries',
    },
    {
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 13,
      },
      id: 90539,
      panels: [],
      title: 'Where the time goes',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Time that finished requests had spent waiting. The mean is exact. Of finished requests. A preempted request's second wait counts as inference.\n\nMetrics: `vllm:request_queue_time_seconds`, `vllm:request_prefill_time_seconds`, `vllm:request_decode_time_seconds`",
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
        overrides: [
          {
            matcher: {
              id: 'byName',
              options: 'queue',
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
              options: 'prefill',
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
          {
            matcher: {
              id: 'byName',
              options: 'decode',
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
        ],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 0,
        y: 14,
      },
      id: 857682,
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
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'request_queue_time_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'request_queue_time_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: 'queue',
          range: true,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'request_prefill_time_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'request_prefill_time_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: 'prefill',
          range: true,
          refId: 'B',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'request_decode_time_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'request_decode_time_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: 'decode',
          range: true,
          refId: 'C',
        },
      ],
      title: 'Mean time of a request, by phase',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Time that finished requests had spent waiting. The mean is exact. Warning above ' + chosen.words('queue_time', 'warning') + ': the mean, for the buckets start at 0.3 s; a second of waiting is all a chat allows. Critical above ' + chosen.words('queue_time', 'critical') + ': clients begin to time out and retry, which feeds the queue.\n\nMetrics: `vllm:request_queue_time_seconds`',
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
                value: chosen.from('queue_time', 'warning'),
              },
              {
                color: 'red',
                value: chosen.from('queue_time', 'critical'),
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
        y: 14,
      },
      id: 407323,
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
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'request_queue_time_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'request_queue_time_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Queue time by model, mean',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Time that finished requests had spent in prefill. The mean is exact.\n\nMetrics: `vllm:request_prefill_time_seconds`',
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
        y: 14,
      },
      id: 856356,
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
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'request_prefill_time_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'request_prefill_time_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Prefill time by model, mean',
      type: 'timeseries',
    },
    {
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 22,
      },
      id: 595926,
      panels: [],
      title: 'Which model',
      type: 'row',
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
        x: 0,
        y: 23,
      },
      id: 885628,
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
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Time to first token by model, mean',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Time between two outputs of one request: how fast text flows. The mean is exact.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`',
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
        x: 8,
        y: 23,
      },
      id: 209723,
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
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  or\n  rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Inter-token latency by model, mean',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "How fast one request's text flows: 1 / mean inter-token latency.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`",
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
          unit: 'short',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 16,
        y: 23,
      },
      id: 133046,
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
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  or\n  rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    or\n    rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Tokens per second of one request, by model',
      type: 'timeseries',
    },
    {
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 31,
      },
      id: 250646,
      panels: [],
      title: 'How it is spread',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'From arrival at the API server to the first token: queueing and prefill. Interpolated between bucket bounds. Requests per second in each bucket; darker is more. The last row is everything above the last bound.\n\nMetrics: `vllm:time_to_first_token_seconds`',
      fieldConfig: {
        defaults: {
          custom: {
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            scaleDistribution: {
              type: 'linear',
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
        x: 0,
        y: 32,
      },
      id: 524374,
      options: {
        calculate: false,
        cellGap: 1,
        color: {
          exponent: 0.5,
          fill: 'blue',
          mode: 'scheme',
          reverse: false,
          scale: 'exponential',
          scheme: 'Blues',
          steps: 64,
        },
        exemplars: {
          color: 'rgba(255,0,255,0.7)',
        },
        filterValues: {
          le: 1e-09,
        },
        legend: {
          show: true,
        },
        rowsFrame: {
          layout: 'auto',
        },
        showValue: 'never',
        tooltip: {
          mode: 'single',
          showColorScale: true,
          yHistogram: true,
        },
        yAxis: {
          axisPlacement: 'left',
          reverse: false,
          unit: 's',
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
          expr: 'sum by (le) (\n  rate(' + chosen.metric_prefix + 'time_to_first_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
          format: 'heatmap',
          instant: false,
          legendFormat: '{{le}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Time to first token, heatmap',
      type: 'heatmap',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Time between two outputs of one request: how fast text flows. Interpolated between bucket bounds. Requests per second in each bucket; darker is more. The last row is everything above the last bound.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`',
      fieldConfig: {
        defaults: {
          custom: {
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            scaleDistribution: {
              type: 'linear',
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
        x: 8,
        y: 32,
      },
      id: 981940,
      options: {
        calculate: false,
        cellGap: 1,
        color: {
          exponent: 0.5,
          fill: 'blue',
          mode: 'scheme',
          reverse: false,
          scale: 'exponential',
          scheme: 'Blues',
          steps: 64,
        },
        exemplars: {
          color: 'rgba(255,0,255,0.7)',
        },
        filterValues: {
          le: 1e-09,
        },
        legend: {
          show: true,
        },
        rowsFrame: {
          layout: 'auto',
        },
        showValue: 'never',
        tooltip: {
          mode: 'single',
          showColorScale: true,
          yHistogram: true,
        },
        yAxis: {
          axisPlacement: 'left',
          reverse: false,
          unit: 's',
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
          expr: 'sum by (le) (\n  rate(' + chosen.metric_prefix + 'inter_token_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  or\n  rate(' + chosen.metric_prefix + 'time_per_output_token_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
          format: 'heatmap',
          instant: false,
          legendFormat: '{{le}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Inter-token latency, heatmap',
      type: 'heatmap',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'From arrival to the last token; known only when a request ends. Interpolated between bucket bounds. Requests per second in each bucket; darker is more. The last row is everything above the last bound.\n\nMetrics: `vllm:e2e_request_latency_seconds`',
      fieldConfig: {
        defaults: {
          custom: {
            hideFrom: {
              legend: false,
              tooltip: false,
              viz: false,
            },
            scaleDistribution: {
              type: 'linear',
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
        y: 32,
      },
      id: 867421,
      options: {
        calculate: false,
        cellGap: 1,
        color: {
          exponent: 0.5,
          fill: 'blue',
          mode: 'scheme',
          reverse: false,
          scale: 'exponential',
          scheme: 'Blues',
          steps: 64,
        },
        exemplars: {
          color: 'rgba(255,0,255,0.7)',
        },
        filterValues: {
          le: 1e-09,
        },
        legend: {
          show: true,
        },
        rowsFrame: {
          layout: 'auto',
        },
        showValue: 'never',
        tooltip: {
          mode: 'single',
          showColorScale: true,
          yHistogram: true,
        },
        yAxis: {
          axisPlacement: 'left',
          reverse: false,
          unit: 's',
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
          expr: 'sum by (le) (\n  rate(' + chosen.metric_prefix + 'e2e_request_latency_seconds_bucket{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
          format: 'heatmap',
          instant: false,
          legendFormat: '{{le}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'End-to-end latency, heatmap',
      type: 'heatmap',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 40,
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
            y: 41,
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
            y: 41,
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
            y: 41,
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
  title: 'vLLM / Latency',
  uid: 'vllm-obs-latency',
  weekStart: '',
}
