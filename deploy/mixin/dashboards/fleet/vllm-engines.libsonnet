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
  description: 'Which engine is the odd one out, and how is it configured?',
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
        'vllm-observability-fleet',
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
        y: 0,
      },
      id: 597521,
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
          expr: 'sum(\n  model:vllm_engines:count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
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
        x: 3,
        y: 0,
      },
      id: 254344,
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
      description: "Mean time to first token of an engine, divided by the median of its model's engines. Warning above " + chosen.words('engine_outlier_ttft', 'warning') + ": engines of one model share their load's mix; twice the median is not chance.\n\nMetrics: `vllm:time_to_first_token_seconds`",
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
                  text: 'no data: fewer than three engines of a model, or no traffic',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: fewer than three engines of a model, or no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('engine_outlier_ttft', 'warning'),
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
        y: 0,
      },
      id: 311492,
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
          expr: 'max(\n  engine:vllm_engine_outlier_ttft:ratio_rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'TTFT, odd one out',
          range: false,
          refId: 'A',
        },
      ],
      title: 'TTFT, odd one out',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Mean inter-token latency of an engine, divided by the median of its model's engines. Warning above " + chosen.words('engine_outlier_itl', 'warning') + ": engines of one model share their load's mix; twice the median is not chance.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`",
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
                  text: 'no data: fewer than three engines of a model, or no traffic',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: fewer than three engines of a model, or no traffic',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('engine_outlier_itl', 'warning'),
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
        y: 0,
      },
      id: 336751,
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
          expr: 'max(\n  engine:vllm_engine_outlier_itl:ratio_rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'ITL, odd one out',
          range: false,
          refId: 'A',
        },
      ],
      title: 'ITL, odd one out',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Distance of an engine's KV cache usage from the mean. Info above " + chosen.words('load_imbalance_kv', 'info') + ': sessions of different length make 10 to 20 points; 30 for a quarter of an hour is routing.\n\nMetrics: `vllm:kv_cache_usage_perc`, `vllm:gpu_cache_usage_perc`',
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
                  text: 'no data: fewer than two engines of a model',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: fewer than two engines of a model',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'blue',
                value: chosen.from('load_imbalance_kv', 'info'),
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
        y: 0,
      },
      id: 486366,
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
          expr: 'max(\n  engine:vllm_load_imbalance_kv:distance{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'KV, odd one out',
          range: false,
          refId: 'A',
        },
      ],
      title: 'KV, odd one out',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "An engine's running requests over its model's mean, or the mean over them, whichever is larger. Info above " + chosen.words('load_imbalance_running', 'info') + ': twice or half the mean for a quarter of an hour is not chance.\n\nMetrics: `vllm:num_requests_running`',
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
                  text: 'no data: fewer than two engines of a model',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: fewer than two engines of a model',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'blue',
                value: chosen.from('load_imbalance_running', 'info'),
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
        x: 15,
        y: 0,
      },
      id: 448686,
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
          expr: 'max(\n  engine:vllm_load_imbalance_running:factor{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Running, odd one',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Running, odd one',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Different cache configurations among the engines of a model. Info above ' + chosen.words('config_drift', 'info') + ': a rolling update is over by then.\n\nMetrics: `vllm:num_requests_running`, `vllm:cache_config_info`',
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
                color: 'blue',
                value: chosen.next('config_drift', 'info'),
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
        y: 0,
      },
      id: 975426,
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
          expr: 'max(\n  model:vllm_config_variants:count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Configurations',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Configurations',
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
        x: 21,
        y: 0,
      },
      id: 763190,
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
          expr: 'max(\n  model:vllm_kv_cache_usage:max{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
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
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 4,
      },
      id: 700192,
      panels: [],
      title: 'Every engine',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Requests in the execution batch now, summed over engines. An instance's name narrows this board to it.\n\nMetrics: `vllm:num_requests_running`, `vllm:num_requests_waiting`, `vllm:kv_cache_usage_perc`, `vllm:gpu_cache_usage_perc`, `vllm:time_to_first_token_seconds`, `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`, `vllm:generation_tokens_total`, `vllm:iteration_tokens_total`",
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
            filterable: true,
            inspect: false,
          },
          mappings: [],
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
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Instance',
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
                    url: '/d/vllm-obs-fleet-engines?${__url_time_range}&${datasource:queryparam}&${' + chosen.cluster_label + ':queryparam}&${' + chosen.namespace_label + ':queryparam}&${job:queryparam}&var-instance=${__value.raw:percentencode}',
                  },
                ],
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Engine',
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
                id: 'noValue',
                value: '–',
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
              options: 'TTFT mean',
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
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'ITL mean',
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
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Output tokens/s',
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
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Steps/s',
            },
            properties: [
              {
                id: 'unit',
                value: 'cps',
              },
              {
                id: 'noValue',
                value: '–',
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'Restarts, 1 h',
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
            ],
          },
        ],
      },
      gridPos: {
        h: 9,
        w: 24,
        x: 0,
        y: 5,
      },
      id: 593834,
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
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  engine:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Running',
          range: false,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  engine:vllm_requests_waiting:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Waiting',
          range: false,
          refId: 'B',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  engine:vllm_kv_cache_usage:max{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'KV cache',
          range: false,
          refId: 'C',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  engine:vllm_time_to_first_token_seconds:mean_rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'TTFT mean',
          range: false,
          refId: 'D',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  engine:vllm_inter_token_latency_seconds:mean_rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'ITL mean',
          range: false,
          refId: 'E',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  engine:vllm_generation_tokens:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Output tokens/s',
          range: false,
          refId: 'F',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  engine:vllm_iteration_tokens_count:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Steps/s',
          range: false,
          refId: 'G',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (resets(' + chosen.metric_prefix + 'generation_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[1h]))',
          format: 'table',
          instant: true,
          legendFormat: 'Restarts, 1 h',
          range: false,
          refId: 'H',
        },
      ],
      title: 'All engines',
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
              [chosen.namespace_label]: true,
            },
            includeByName: {},
            indexByName: {
              'Value #A': 3,
              'Value #B': 4,
              'Value #C': 5,
              'Value #D': 6,
              'Value #E': 7,
              'Value #F': 8,
              'Value #G': 9,
              'Value #H': 10,
              [chosen.cluster_label]: 11,
              engine: 2,
              instance: 1,
              job: 13,
              model_name: 0,
              [chosen.namespace_label]: 12,
            },
            renameByName: {
              'Value #A': 'Running',
              'Value #B': 'Waiting',
              'Value #C': 'KV cache',
              'Value #D': 'TTFT mean',
              'Value #E': 'ITL mean',
              'Value #F': 'Output tokens/s',
              'Value #G': 'Steps/s',
              'Value #H': 'Restarts, 1 h',
              engine: 'Engine',
              instance: 'Instance',
              model_name: 'Model',
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
        y: 14,
      },
      id: 560907,
      panels: [],
      title: 'Load',
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
          unit: 'percentunit',
        },
        overrides: [
          {
            matcher: {
              id: 'byName',
              options: 'bound: warning',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'orange',
                  mode: 'fixed',
                },
              },
              {
                id: 'custom.fillOpacity',
                value: 0,
              },
              {
                id: 'custom.lineStyle',
                value: {
                  dash: [
                    10,
                    10,
                  ],
                  fill: 'dash',
                },
              },
              {
                id: 'custom.lineWidth',
                value: 1,
              },
              {
                id: 'custom.stacking',
                value: {
                  group: 'A',
                  mode: 'none',
                },
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'bound: critical',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'red',
                  mode: 'fixed',
                },
              },
              {
                id: 'custom.fillOpacity',
                value: 0,
              },
              {
                id: 'custom.lineStyle',
                value: {
                  dash: [
                    10,
                    10,
                  ],
                  fill: 'dash',
                },
              },
              {
                id: 'custom.lineWidth',
                value: 1,
              },
              {
                id: 'custom.stacking',
                value: {
                  group: 'A',
                  mode: 'none',
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
        y: 15,
      },
      id: 926735,
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
          expr: 'engine:vllm_kv_cache_usage:max{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}} {{engine}}',
          range: true,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (severity) (\n  model:vllm_kv_cache_usage:threshold{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'time_series',
          instant: false,
          legendFormat: 'bound: {{severity}}',
          range: true,
          refId: 'B',
        },
      ],
      title: 'KV cache usage',
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
        y: 15,
      },
      id: 101640,
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
          expr: 'engine:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}} {{engine}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Running requests',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Requests that were admitted and wait for a place in the batch, summed over engines.\n\nMetrics: `vllm:num_requests_waiting`',
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
        x: 16,
        y: 15,
      },
      id: 115266,
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
          expr: 'engine:vllm_requests_waiting:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}} {{engine}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Waiting requests',
      type: 'timeseries',
    },
    {
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 23,
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
        y: 24,
      },
      id: 700899,
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
          expr: 'engine:vllm_time_to_first_token_seconds:mean_rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}} {{engine}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Time to first token, mean',
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
        y: 24,
      },
      id: 197649,
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
          expr: 'engine:vllm_inter_token_latency_seconds:mean_rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}} {{engine}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Inter-token latency, mean',
      type: 'timeseries',
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
        x: 16,
        y: 24,
      },
      id: 92882,
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
          expr: 'engine:vllm_generation_tokens:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}} {{engine}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Output tokens per second',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Mean time to first token of an engine, divided by the median of its model's engines. Warning above " + chosen.words('engine_outlier_ttft', 'warning') + ": engines of one model share their load's mix; twice the median is not chance.\n\nMetrics: `vllm:time_to_first_token_seconds`",
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
            [if chosen.room('engine_outlier_ttft', 'warning') != null then 'axisSoftMax']: chosen.room('engine_outlier_ttft', 'warning'),
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
          noValue: 'no data: fewer than three engines of a model, or no traffic',
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
              options: 'bound: warning',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'orange',
                  mode: 'fixed',
                },
              },
              {
                id: 'custom.fillOpacity',
                value: 0,
              },
              {
                id: 'custom.lineStyle',
                value: {
                  dash: [
                    10,
                    10,
                  ],
                  fill: 'dash',
                },
              },
              {
                id: 'custom.lineWidth',
                value: 1,
              },
              {
                id: 'custom.stacking',
                value: {
                  group: 'A',
                  mode: 'none',
                },
              },
            ],
          },
        ],
      },
      gridPos: {
        h: 8,
        w: 12,
        x: 0,
        y: 32,
      },
      id: 284940,
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
          expr: 'engine:vllm_engine_outlier_ttft:ratio_rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}} {{engine}}',
          range: true,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (severity) (\n  model:vllm_engine_outlier_ttft:threshold{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'time_series',
          instant: false,
          legendFormat: 'bound: {{severity}}',
          range: true,
          refId: 'B',
        },
      ],
      title: 'Time to first token against the median',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Mean inter-token latency of an engine, divided by the median of its model's engines. Warning above " + chosen.words('engine_outlier_itl', 'warning') + ": engines of one model share their load's mix; twice the median is not chance.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`",
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
            [if chosen.room('engine_outlier_itl', 'warning') != null then 'axisSoftMax']: chosen.room('engine_outlier_itl', 'warning'),
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
          noValue: 'no data: fewer than three engines of a model, or no traffic',
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
              options: 'bound: warning',
            },
            properties: [
              {
                id: 'color',
                value: {
                  fixedColor: 'orange',
                  mode: 'fixed',
                },
              },
              {
                id: 'custom.fillOpacity',
                value: 0,
              },
              {
                id: 'custom.lineStyle',
                value: {
                  dash: [
                    10,
                    10,
                  ],
                  fill: 'dash',
                },
              },
              {
                id: 'custom.lineWidth',
                value: 1,
              },
              {
                id: 'custom.stacking',
                value: {
                  group: 'A',
                  mode: 'none',
                },
              },
            ],
          },
        ],
      },
      gridPos: {
        h: 8,
        w: 12,
        x: 12,
        y: 32,
      },
      id: 471575,
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
          expr: 'engine:vllm_engine_outlier_itl:ratio_rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}} {{engine}}',
          range: true,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (severity) (\n  model:vllm_engine_outlier_itl:threshold{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'time_series',
          instant: false,
          legendFormat: 'bound: {{severity}}',
          range: true,
          refId: 'B',
        },
      ],
      title: 'Inter-token latency against the median',
      type: 'timeseries',
    },
    {
      collapsed: false,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 40,
      },
      id: 637823,
      panels: [],
      title: 'API server process',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'By the API-server process. Near 1: Python is at its limit, and the front end slows every token.\n\nMetrics: `process_cpu_seconds_total`',
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
        y: 41,
      },
      id: 957458,
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
          expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (\n  rate(process_cpu_seconds_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance",' + chosen.target_selector + '}[$__rate_interval])\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'CPU cores used',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Resident memory of the API-server process, not of the engine or the GPU.\n\nMetrics: `process_resident_memory_bytes`',
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
          unit: 'bytes',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 8,
        y: 41,
      },
      id: 845004,
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
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (\n  process_resident_memory_bytes{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance",' + chosen.target_selector + '}\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Resident memory',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Share of the process' limit on open files; connections count. At 1 new connections fail.\n\nMetrics: `process_open_fds`, `process_max_fds`",
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
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 8,
        x: 16,
        y: 41,
      },
      id: 357340,
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
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (\n  process_open_fds{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance",' + chosen.target_selector + '}\n)\n/\n(\n  max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (\n    process_max_fds{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance",' + chosen.target_selector + '}\n  ) > 0\n)',
          format: 'time_series',
          instant: false,
          legendFormat: '{{instance}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Open files',
      type: 'timeseries',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 49,
      },
      id: 230906,
      panels: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'KV cache as configured: capacity in tokens is blocks times block size.\n\nMetrics: `vllm:cache_config_info`',
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
                filterable: true,
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
                  options: 'Instance',
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
                  options: 'KV blocks',
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
                  options: 'Block size',
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
                  options: 'KV type',
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
                  options: 'GPU memory share',
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
                  options: 'Prefix caching',
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
                  options: 'Value',
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
                ],
              },
            ],
          },
          gridPos: {
            h: 7,
            w: 24,
            x: 0,
            y: 50,
          },
          id: 859385,
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
              expr: 'group by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, num_gpu_blocks, block_size, cache_dtype, gpu_memory_utilization, enable_prefix_caching) (' + chosen.metric_prefix + 'cache_config_info{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance",engine=~"$engine"})',
              format: 'table',
              instant: true,
              legendFormat: 'Value',
              range: false,
              refId: 'A',
            },
          ],
          title: 'Cache configuration',
          transformations: [
            {
              id: 'organize',
              options: {
                excludeByName: {
                  Time: true,
                  Value: true,
                  [chosen.cluster_label]: true,
                  job: true,
                  [chosen.namespace_label]: true,
                },
                includeByName: {},
                indexByName: {
                  Value: 6,
                  block_size: 2,
                  cache_dtype: 3,
                  [chosen.cluster_label]: 7,
                  enable_prefix_caching: 5,
                  gpu_memory_utilization: 4,
                  instance: 0,
                  job: 9,
                  [chosen.namespace_label]: 8,
                  num_gpu_blocks: 1,
                },
                renameByName: {
                  block_size: 'Block size',
                  cache_dtype: 'KV type',
                  enable_prefix_caching: 'Prefix caching',
                  gpu_memory_utilization: 'GPU memory share',
                  instance: 'Instance',
                  num_gpu_blocks: 'KV blocks',
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
          description: 'How often the engine runs the model. 0 with running requests: it hangs.\n\nMetrics: `vllm:iteration_tokens_total`',
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
              unit: 'cps',
            },
            overrides: [],
          },
          gridPos: {
            h: 8,
            w: 8,
            x: 0,
            y: 57,
          },
          id: 721016,
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
              expr: 'engine:vllm_iteration_tokens_count:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}',
              format: 'time_series',
              instant: false,
              legendFormat: '{{instance}} {{engine}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Engine steps per second',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Prompt and output tokens that one step handles; from 0.24.0 on without cached prompt tokens.\n\nMetrics: `vllm:iteration_tokens_total`',
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
            x: 8,
            y: 57,
          },
          id: 256576,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'iteration_tokens_total_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  engine:vllm_iteration_tokens_count:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"} > 0\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{instance}} {{engine}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Tokens per engine step, mean',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: "Python's collections of the API server by generation; generation 2 stops it for a moment.\n\nMetrics: `python_gc_collections_total`",
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
              unit: 'cps',
            },
            overrides: [],
          },
          gridPos: {
            h: 8,
            w: 8,
            x: 16,
            y: 57,
          },
          id: 794184,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, generation) (\n  rate(python_gc_collections_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance",' + chosen.target_selector + '}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{instance}} generation {{generation}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Garbage collections per second',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Age of the API-server process, not of the engine.\n\nMetrics: `process_start_time_seconds`',
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
            h: 6,
            w: 24,
            x: 0,
            y: 65,
          },
          id: 575474,
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
              expr: 'time() - max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (process_start_time_seconds{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance",' + chosen.target_selector + '})',
              format: 'time_series',
              instant: false,
              legendFormat: '{{instance}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Uptime',
          type: 'timeseries',
        },
      ],
      title: 'Configuration, steps, garbage collection',
      type: 'row',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 50,
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
            y: 51,
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
            y: 51,
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
            y: 51,
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
    'vllm-observability-fleet',
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
        definition: 'label_values(model:vllm_requests_running:sum, ' + chosen.cluster_label + ')',
        includeAll: true,
        label: chosen.title(chosen.cluster_label),
        multi: true,
        name: chosen.cluster_label,
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(model:vllm_requests_running:sum, ' + chosen.cluster_label + ')',
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
        definition: 'label_values(model:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '"}, ' + chosen.namespace_label + ')',
        includeAll: true,
        label: chosen.title(chosen.namespace_label),
        multi: true,
        name: chosen.namespace_label,
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(model:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '"}, ' + chosen.namespace_label + ')',
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
        definition: 'label_values(model:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '"}, job)',
        includeAll: true,
        label: 'Job',
        multi: true,
        name: 'job',
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(model:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '"}, job)',
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
        definition: 'label_values(model:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job"}, model_name)',
        includeAll: true,
        label: 'Model',
        multi: true,
        name: 'model_name',
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(model:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job"}, model_name)',
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
        definition: 'label_values(engine:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}, instance)',
        includeAll: true,
        label: 'Instance',
        multi: true,
        name: 'instance',
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(engine:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}, instance)',
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
        definition: 'label_values(engine:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance"}, engine)',
        includeAll: true,
        label: 'Engine',
        multi: true,
        name: 'engine',
        options: [],
        query: {
          qryType: 1,
          query: 'label_values(engine:vllm_requests_running:sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance"}, engine)',
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
  title: 'vLLM fleet / Engines',
  uid: 'vllm-obs-fleet-engines',
  weekStart: '',
}
