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
  description: 'How much of the error budgets is left, and how fast does it go?',
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
      description: 'Share of the budget of 30d that is left; below 0 it is overspent. Objective: ' + chosen.percent('ttft') + ' % of the first tokens within 1 s. Of 30 days, of the model that has least. Below 0 it is overspent.\n\nMetrics: `vllm:time_to_first_token_seconds`',
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
        w: 4,
        x: 0,
        y: 0,
      },
      id: 43755,
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
          legendFormat: 'TTFT: budget left',
          range: false,
          refId: 'A',
        },
      ],
      title: 'TTFT: budget left',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of first tokens that were good, over the time range shown. Objective: ' + chosen.percent('ttft') + ' % of the first tokens within 1 s. Over the time range shown, of the model with the smallest share.\n\nMetrics: `vllm:time_to_first_token_seconds`',
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
        h: 4,
        w: 4,
        x: 4,
        y: 0,
      },
      id: 251304,
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
          expr: 'min(\n  sum_over_time(model:vllm_slo_ttft_good:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range])\n  /\n  (\n    sum_over_time(model:vllm_slo_ttft_total:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range]) > 0\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'TTFT: good events',
          range: false,
          refId: 'A',
        },
      ],
      title: 'TTFT: good events',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of the budget of 30d that is left; below 0 it is overspent. Objective: ' + chosen.percent('itl') + ' % of the token gaps within 0.1 s. Of 30 days, of the model that has least. Below 0 it is overspent.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`',
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
        w: 4,
        x: 8,
        y: 0,
      },
      id: 517064,
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
          expr: 'min(\n  model:vllm_slo_itl_budget_left:ratio30d{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'ITL: budget left',
          range: false,
          refId: 'A',
        },
      ],
      title: 'ITL: budget left',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of token gaps that were good, over the time range shown. Objective: ' + chosen.percent('itl') + ' % of the token gaps within 0.1 s. Over the time range shown, of the model with the smallest share.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`',
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
        h: 4,
        w: 4,
        x: 12,
        y: 0,
      },
      id: 646987,
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
          expr: 'min(\n  sum_over_time(model:vllm_slo_itl_good:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range])\n  /\n  (\n    sum_over_time(model:vllm_slo_itl_total:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range]) > 0\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'ITL: good events',
          range: false,
          refId: 'A',
        },
      ],
      title: 'ITL: good events',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of the budget of 30d that is left; below 0 it is overspent. Objective: ' + chosen.percent('errors') + ' % of the requests without an error. Of 30 days, of the model that has least. Below 0 it is overspent.\n\nMetrics: `vllm:request_success_total`',
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
        w: 4,
        x: 16,
        y: 0,
      },
      id: 678839,
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
          expr: 'min(\n  model:vllm_slo_errors_budget_left:ratio30d{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'No error: budget left',
          range: false,
          refId: 'A',
        },
      ],
      title: 'No error: budget left',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of requests that were good, over the time range shown. Objective: ' + chosen.percent('errors') + ' % of the requests without an error. Over the time range shown, of the model with the smallest share.\n\nMetrics: `vllm:request_success_total`',
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
        h: 4,
        w: 4,
        x: 20,
        y: 0,
      },
      id: 908092,
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
          expr: 'min(\n  sum_over_time(model:vllm_slo_errors_good:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range])\n  /\n  (\n    sum_over_time(model:vllm_slo_errors_total:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range]) > 0\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'No error: good events',
          range: false,
          refId: 'A',
        },
      ],
      title: 'No error: good events',
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
      description: 'Objective: ' + chosen.percent('ttft') + ' % of the first tokens within 1 s. Good: over the time range shown. Left: of the budget of 30 days.\n\nMetrics: `vllm:time_to_first_token_seconds`, `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`, `vllm:request_success_total`',
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
          unit: 'percentunit',
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
                    url: '/d/vllm-obs-fleet-latency?${__url_time_range}&${datasource:queryparam}&${' + chosen.cluster_label + ':queryparam}&${' + chosen.namespace_label + ':queryparam}&${job:queryparam}&var-model_name=${__value.raw:percentencode}',
                  },
                ],
              },
            ],
          },
          {
            matcher: {
              id: 'byName',
              options: 'TTFT goal',
            },
            properties: [
              {
                id: 'unit',
                value: 'percentunit',
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
              options: 'TTFT good',
            },
            properties: [
              {
                id: 'unit',
                value: 'percentunit',
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
              options: 'TTFT left',
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
              options: 'ITL goal',
            },
            properties: [
              {
                id: 'unit',
                value: 'percentunit',
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
              options: 'ITL good',
            },
            properties: [
              {
                id: 'unit',
                value: 'percentunit',
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
              options: 'ITL left',
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
              options: 'OK goal',
            },
            properties: [
              {
                id: 'unit',
                value: 'percentunit',
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
              options: 'OK good',
            },
            properties: [
              {
                id: 'unit',
                value: 'percentunit',
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
              options: 'OK left',
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
        w: 16,
        x: 0,
        y: 5,
      },
      id: 761917,
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
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_slo_ttft:objective{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'TTFT goal',
          range: false,
          refId: 'A',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum_over_time(model:vllm_slo_ttft_good:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range])\n/\n(\n  sum_over_time(model:vllm_slo_ttft_total:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range]) > 0\n)',
          format: 'table',
          instant: true,
          legendFormat: 'TTFT good',
          range: false,
          refId: 'B',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_slo_ttft_budget_left:ratio30d{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'TTFT left',
          range: false,
          refId: 'C',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_slo_itl:objective{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'ITL goal',
          range: false,
          refId: 'D',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum_over_time(model:vllm_slo_itl_good:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range])\n/\n(\n  sum_over_time(model:vllm_slo_itl_total:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range]) > 0\n)',
          format: 'table',
          instant: true,
          legendFormat: 'ITL good',
          range: false,
          refId: 'E',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_slo_itl_budget_left:ratio30d{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'ITL left',
          range: false,
          refId: 'F',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_slo_errors:objective{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'OK goal',
          range: false,
          refId: 'G',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'sum_over_time(model:vllm_slo_errors_good:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range])\n/\n(\n  sum_over_time(model:vllm_slo_errors_total:rate5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}[$__range]) > 0\n)',
          format: 'table',
          instant: true,
          legendFormat: 'OK good',
          range: false,
          refId: 'H',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          editorMode: 'code',
          expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  model:vllm_slo_errors_budget_left:ratio30d{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}\n)',
          format: 'table',
          instant: true,
          legendFormat: 'OK left',
          range: false,
          refId: 'I',
        },
      ],
      title: 'Objectives',
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
              'Value #A': 1,
              'Value #B': 2,
              'Value #C': 3,
              'Value #D': 4,
              'Value #E': 5,
              'Value #F': 6,
              'Value #G': 7,
              'Value #H': 8,
              'Value #I': 9,
              [chosen.cluster_label]: 10,
              job: 12,
              model_name: 0,
              [chosen.namespace_label]: 11,
            },
            renameByName: {
              'Value #A': 'TTFT goal',
              'Value #B': 'TTFT good',
              'Value #C': 'TTFT left',
              'Value #D': 'ITL goal',
              'Value #E': 'ITL good',
              'Value #F': 'ITL left',
              'Value #G': 'OK goal',
              'Value #H': 'OK good',
              'Value #I': 'OK left',
              model_name: 'Model',
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
        w: 8,
        x: 16,
        y: 5,
      },
      id: 484910,
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
          expr: 'label_join(\n  group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n    ALERTS{alertname=~"Vllm.*BudgetBurn",alertstate="firing",severity="critical",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n  )\n  or on (alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\n  group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n    ALERTS{alertname=~"Vllm.*BudgetBurn",alertstate="firing",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n  ),\n  "where", " ", "model_name", "instance", "' + chosen.namespace_label + '"\n)',
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
          expr: 'label_join(\n  time() - min by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n    ALERTS_FOR_STATE{alertname=~"Vllm.*BudgetBurn",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n    and ignoring (alertstate)\n    ALERTS{alertname=~"Vllm.*BudgetBurn",alertstate="firing",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n  )\n  and on (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\n  (\n    group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n      ALERTS{alertname=~"Vllm.*BudgetBurn",alertstate="firing",severity="critical",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n    )\n    or on (alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job)\n    group by (severity, alertname, model_name, instance, ' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job) (\n      ALERTS{alertname=~"Vllm.*BudgetBurn",alertstate="firing",' + chosen.cluster_label + '=~"|$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"|$' + chosen.namespace_label + '",job=~"|$job",model_name=~"|$model_name",instance=~"|$instance"}\n    )\n  ),\n  "where", " ", "model_name", "instance", "' + chosen.namespace_label + '"\n)',
          format: 'table',
          instant: true,
          legendFormat: 'Since',
          range: false,
          refId: 'B',
        },
      ],
      title: 'Firing budget alerts',
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
        y: 13,
      },
      id: 503026,
      panels: [],
      title: 'Time to first token',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'How many times faster than sustainable the budget goes: bad first tokens over those allowed. Objective: ' + chosen.percent('ttft') + ' % of the first tokens within 1 s. 1 spends the budget exactly in its period; the lines are the factors that page and that warn.\n\nMetrics: `vllm:time_to_first_token_seconds`',
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
            axisSoftMin: 0,
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
                value: 1,
              },
              {
                color: 'red',
                value: 6,
              },
            ],
          },
          unit: 'none',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 12,
        x: 0,
        y: 14,
      },
      id: 936884,
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
          expr: 'model:vllm_slo_ttft_bad:ratio5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"} / (1 - model:vllm_slo_ttft:objective{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"})',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Time to first token: burn rate',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of the budget of 30d that is left; below 0 it is overspent. Objective: ' + chosen.percent('ttft') + ' % of the first tokens within 1 s. Of 30 days, by model.\n\nMetrics: `vllm:time_to_first_token_seconds`',
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
            axisSoftMax: 1,
            axisSoftMin: 0,
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
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 12,
        x: 12,
        y: 14,
      },
      id: 634337,
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
          expr: 'model:vllm_slo_ttft_budget_left:ratio30d{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Time to first token: budget left',
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
      id: 951906,
      panels: [],
      title: 'Inter-token latency',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'How many times faster than sustainable the budget goes: bad token gaps over those allowed. Objective: ' + chosen.percent('itl') + ' % of the token gaps within 0.1 s. 1 spends the budget exactly in its period; the lines are the factors that page and that warn.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`',
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
            axisSoftMin: 0,
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
                value: 1,
              },
              {
                color: 'red',
                value: 6,
              },
            ],
          },
          unit: 'none',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 12,
        x: 0,
        y: 23,
      },
      id: 18296,
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
          expr: 'model:vllm_slo_itl_bad:ratio5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"} / (1 - model:vllm_slo_itl:objective{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"})',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Inter-token latency: burn rate',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of the budget of 30d that is left; below 0 it is overspent. Objective: ' + chosen.percent('itl') + ' % of the token gaps within 0.1 s. Of 30 days, by model.\n\nMetrics: `vllm:inter_token_latency_seconds`, `vllm:time_per_output_token_seconds`',
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
            axisSoftMax: 1,
            axisSoftMin: 0,
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
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 12,
        x: 12,
        y: 23,
      },
      id: 420065,
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
          expr: 'model:vllm_slo_itl_budget_left:ratio30d{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Inter-token latency: budget left',
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
      id: 766825,
      panels: [],
      title: 'Requests without error',
      type: 'row',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'How many times faster than sustainable the budget goes: bad requests over those allowed. Objective: ' + chosen.percent('errors') + ' % of the requests without an error. 1 spends the budget exactly in its period; the lines are the factors that page and that warn.\n\nMetrics: `vllm:request_success_total`',
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
            axisSoftMin: 0,
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
                value: 1,
              },
              {
                color: 'red',
                value: 6,
              },
            ],
          },
          unit: 'none',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 12,
        x: 0,
        y: 32,
      },
      id: 655790,
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
          expr: 'model:vllm_slo_errors_bad:ratio5m{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"} / (1 - model:vllm_slo_errors:objective{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"})',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Requests without error: burn rate',
      type: 'timeseries',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of the budget of 30d that is left; below 0 it is overspent. Objective: ' + chosen.percent('errors') + ' % of the requests without an error. Of 30 days, by model.\n\nMetrics: `vllm:request_success_total`',
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
            axisSoftMax: 1,
            axisSoftMin: 0,
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
          unit: 'percentunit',
        },
        overrides: [],
      },
      gridPos: {
        h: 8,
        w: 12,
        x: 12,
        y: 32,
      },
      id: 647480,
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
          expr: 'model:vllm_slo_errors_budget_left:ratio30d{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name"}',
          format: 'time_series',
          instant: false,
          legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
          range: true,
          refId: 'A',
        },
      ],
      title: 'Requests without error: budget left',
      type: 'timeseries',
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
  title: 'vLLM fleet / SLO',
  uid: 'vllm-obs-fleet-slo',
  weekStart: '',
}
