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
  description: 'Do the optional features pay: speculative decoding, LoRA, KV transfer and offload, sleep?',
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
      description: 'Share of speculative draft tokens that the model accepted. Info below ' + chosen.words('spec_decode_acceptance', 'info') + ': below about a third the drafts cost more than they save.\n\nMetrics: `vllm:spec_decode_num_accepted_tokens_total`, `vllm:spec_decode_num_draft_tokens_total`, `vllm:spec_decode_draft_acceptance_rate`',
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
                  text: 'no data: needs speculative decoding (--speculative-config)',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: needs speculative decoding (--speculative-config)',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'blue',
                value: null,
              },
              {
                color: 'green',
                value: chosen.from('spec_decode_acceptance', 'info'),
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
      id: 736304,
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
          expr: 'min(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'spec_decode_num_accepted_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n  /\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'spec_decode_num_draft_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    ) > 0\n  )\n  or\n  avg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    max without (pid) (\n      ' + chosen.metric_prefix + 'spec_decode_draft_acceptance_rate{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance"} >= 0\n    )\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Draft acceptance, worst',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Draft acceptance, worst',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Tokens that one step of a request yields: the accepted drafts and one of its own.\n\nMetrics: `vllm:spec_decode_num_accepted_tokens_total`, `vllm:spec_decode_num_drafts_total`',
      fieldConfig: {
        defaults: {
          color: {
            fixedColor: 'text',
            mode: 'fixed',
          },
          decimals: 2,
          mappings: [
            {
              options: {
                match: 'null+nan',
                result: {
                  index: 0,
                  text: 'no data: needs speculative decoding (--speculative-config)',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: needs speculative decoding (--speculative-config)',
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
        w: 4,
        x: 4,
        y: 0,
      },
      id: 73872,
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
          expr: '1 + (\n  sum(\n    rate(' + chosen.metric_prefix + 'spec_decode_num_accepted_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n  /\n  (\n    sum(\n      rate(' + chosen.metric_prefix + 'spec_decode_num_drafts_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    ) > 0\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Tokens a draft step',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Tokens a draft step',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Share of the tokens asked of a KV connector that it had.\n\nMetrics: `vllm:external_prefix_cache_hits_total`, `vllm:external_prefix_cache_queries_total`',
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
                  text: 'no data: no traffic, or vLLM is older than 0.12.0',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: no traffic, or vLLM is older than 0.12.0',
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
        x: 8,
        y: 0,
      },
      id: 438290,
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
          expr: 'sum(\n  rate(' + chosen.metric_prefix + 'external_prefix_cache_hits_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum(\n    rate(' + chosen.metric_prefix + 'external_prefix_cache_queries_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'External cache hits',
          range: false,
          refId: 'A',
        },
      ],
      title: 'External cache hits',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: 'Failures of moving KV blocks, over every connector. Warning above ' + chosen.words('kv_transfer_failures', 'warning') + ': each one makes a request wait, or computes its prompt again.\n\nMetrics: `vllm:nixl_num_failed_transfers_total`, `vllm:nixl_num_kv_expired_reqs_total`, `vllm:mooncake_num_failed_transfers_total`, `vllm:mooncake_num_failed_recvs_total`, `vllm:mooncake_num_kv_expired_reqs_total`, `vllm:mooncake_store_operation_failed_keys_total`, `vllm:hf3fs_num_failed_save_total`, `vllm:hf3fs_num_failed_load_total`, `vllm:umbp_transfer_failed_total`, `vllm:kv_offload_allocation_failure_total`, `vllm:kv_offload_tiering_promotion_job_failures_total`, `vllm:kv_offload_tiering_cascade_job_failures_total`',
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
                  text: 'no data: needs HF3FSKVConnector',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: needs HF3FSKVConnector',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'green',
                value: null,
              },
              {
                color: 'orange',
                value: chosen.from('kv_transfer_failures', 'warning'),
              },
            ],
          },
          unit: 'cps',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 4,
        x: 12,
        y: 0,
      },
      id: 598860,
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
          expr: 'max(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    label_replace(rate(' + chosen.metric_prefix + 'nixl_num_failed_transfers_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "nixl_num_failed_transfers", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'nixl_num_kv_expired_reqs_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "nixl_num_kv_expired_reqs", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'mooncake_num_failed_transfers_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "mooncake_num_failed_transfers", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'mooncake_num_failed_recvs_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "mooncake_num_failed_recvs", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'mooncake_num_kv_expired_reqs_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "mooncake_num_kv_expired_reqs", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'mooncake_store_operation_failed_keys_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "mooncake_store_operation_failed_keys", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'hf3fs_num_failed_save_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "hf3fs_num_failed_save", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'hf3fs_num_failed_load_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "hf3fs_num_failed_load", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'umbp_transfer_failed_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "umbp_transfer_failed", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'kv_offload_allocation_failure_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "kv_offload_allocation_failure", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'kv_offload_tiering_promotion_job_failures_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "kv_offload_tiering_promotion_job_failures", "", "")\n    or\n    label_replace(rate(' + chosen.metric_prefix + 'kv_offload_tiering_cascade_job_failures_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "kv_offload_tiering_cascade_job_failures", "", "")\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Failed KV transfers/s',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Failed KV transfers/s',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "Share of the CPU's KV cache in use.\n\nMetrics: `vllm:kv_offload_cpu_cache_usage_perc`",
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
                  text: 'no data: needs OffloadingConnector with CPUOffloadingSpec',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: needs OffloadingConnector with CPUOffloadingSpec',
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
        x: 16,
        y: 0,
      },
      id: 754517,
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
          expr: 'max(\n  ' + chosen.metric_prefix + 'kv_offload_cpu_cache_usage_perc{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'Offload CPU cache',
          range: false,
          refId: 'A',
        },
      ],
      title: 'Offload CPU cache',
      type: 'stat',
    },
    {
      datasource: {
        type: 'prometheus',
        uid: '${datasource}',
      },
      description: "vLLM's own estimate. Divided by what the GPU can do, it is the model FLOPs utilization (MFU).\n\nMetrics: `vllm:estimated_flops_per_gpu_total`",
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
                  text: 'no data: needs --enable-mfu-metrics (always exposed, stays 0 without it)',
                },
              },
              type: 'special',
            },
          ],
          min: 0,
          noValue: 'no data: needs --enable-mfu-metrics (always exposed, stays 0 without it)',
          thresholds: {
            mode: 'absolute',
            steps: [
              {
                color: 'text',
                value: null,
              },
            ],
          },
          unit: 'flops',
        },
        overrides: [],
      },
      gridPos: {
        h: 4,
        w: 4,
        x: 20,
        y: 0,
      },
      id: 665290,
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
          expr: 'avg(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n    rate(' + chosen.metric_prefix + 'estimated_flops_per_gpu_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n)',
          format: 'time_series',
          instant: true,
          legendFormat: 'FLOP/s per GPU, mean',
          range: false,
          refId: 'A',
        },
      ],
      title: 'FLOP/s per GPU, mean',
      type: 'stat',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 4,
      },
      id: 84761,
      panels: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Share of speculative draft tokens that the model accepted. Info below ' + chosen.words('spec_decode_acceptance', 'info') + ': below about a third the drafts cost more than they save.\n\nMetrics: `vllm:spec_decode_num_accepted_tokens_total`, `vllm:spec_decode_num_draft_tokens_total`, `vllm:spec_decode_draft_acceptance_rate`',
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
              noValue: 'no data: needs speculative decoding (--speculative-config)',
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'blue',
                    value: null,
                  },
                  {
                    color: 'green',
                    value: chosen.from('spec_decode_acceptance', 'info'),
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
            y: 5,
          },
          id: 603093,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'spec_decode_num_accepted_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'spec_decode_num_draft_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)\nor\navg by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  max without (pid) (\n    ' + chosen.metric_prefix + 'spec_decode_draft_acceptance_rate{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance"} >= 0\n  )\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Draft acceptance, by model',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Share of drafts whose token at this position was accepted.\n\nMetrics: `vllm:spec_decode_num_accepted_tokens_per_pos_total`, `vllm:spec_decode_num_drafts_total`',
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
              noValue: 'no data: needs speculative decoding (--speculative-config)',
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
            x: 8,
            y: 5,
          },
          id: 455465,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, position) (\n  rate(' + chosen.metric_prefix + 'spec_decode_num_accepted_tokens_per_pos_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/ on (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) group_left ()\n(sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, position) (\n  rate(' + chosen.metric_prefix + 'spec_decode_num_drafts_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n) > 0)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{model_name}} position {{position}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Draft acceptance, by position',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Tokens that one step of a request yields: the accepted drafts and one of its own.\n\nMetrics: `vllm:spec_decode_num_accepted_tokens_total`, `vllm:spec_decode_num_drafts_total`',
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
              noValue: 'no data: needs speculative decoding (--speculative-config)',
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
            y: 5,
          },
          id: 395982,
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
              expr: '1 + (\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'spec_decode_num_accepted_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  )\n  /\n  (\n    sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n      rate(' + chosen.metric_prefix + 'spec_decode_num_drafts_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n    ) > 0\n  )\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Tokens per speculative step, by model',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Draft tokens proposed per second. Draft tokens per second that the model accepted.\n\nMetrics: `vllm:spec_decode_num_draft_tokens_total`, `vllm:spec_decode_num_accepted_tokens_total`',
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
              noValue: 'no data: needs speculative decoding (--speculative-config)',
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
                  options: 'proposed',
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
                  options: 'accepted',
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
            ],
          },
          gridPos: {
            h: 8,
            w: 12,
            x: 0,
            y: 13,
          },
          id: 559125,
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
              expr: 'sum(\n  rate(' + chosen.metric_prefix + 'spec_decode_num_draft_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: 'proposed',
              range: true,
              refId: 'A',
            },
            {
              datasource: {
                type: 'prometheus',
                uid: '${datasource}',
              },
              editorMode: 'code',
              expr: 'sum(\n  rate(' + chosen.metric_prefix + 'spec_decode_num_accepted_tokens_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: 'accepted',
              range: true,
              refId: 'B',
            },
          ],
          title: 'Draft tokens per second',
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
            w: 12,
            x: 12,
            y: 13,
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
      ],
      title: 'Speculative decoding (--speculative-config)',
      type: 'row',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 5,
      },
      id: 946633,
      panels: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Adapters of running and of waiting requests, and how many fit (--max-loras).\n\nMetrics: `vllm:lora_requests_info`',
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
              noValue: 'no data: needs --enable-lora (V1)',
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'text',
                    value: null,
                  },
                ],
              },
              unit: 'dateTimeAsIso',
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
                  options: 'Fit at once',
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
                    value: 'string',
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
                    value: 'string',
                  },
                ],
              },
              {
                matcher: {
                  id: 'byName',
                  options: 'Last change',
                },
                properties: [
                  {
                    id: 'unit',
                    value: 'dateTimeAsIso',
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
            h: 8,
            w: 24,
            x: 0,
            y: 6,
          },
          id: 973091,
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
              expr: 'topk by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance) (1, max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, max_lora, running_lora_adapters, waiting_lora_adapters) (' + chosen.metric_prefix + 'lora_requests_info{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",instance=~"$instance"}))',
              format: 'table',
              instant: true,
              legendFormat: 'Last change',
              range: false,
              refId: 'A',
            },
          ],
          title: 'LoRA adapters',
          transformations: [
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
                  Value: 4,
                  [chosen.cluster_label]: 5,
                  instance: 0,
                  job: 7,
                  max_lora: 1,
                  [chosen.namespace_label]: 6,
                  running_lora_adapters: 2,
                  waiting_lora_adapters: 3,
                },
                renameByName: {
                  Value: 'Last change',
                  instance: 'Instance',
                  max_lora: 'Fit at once',
                  running_lora_adapters: 'Running',
                  waiting_lora_adapters: 'Waiting',
                },
              },
            },
          ],
          type: 'table',
        },
      ],
      title: 'LoRA adapters (--enable-lora)',
      type: 'row',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 6,
      },
      id: 540016,
      panels: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'How long one KV transfer takes.\n\nMetrics: `vllm:nixl_xfer_time_seconds`',
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
              noValue: 'no data: needs NixlConnector',
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
            y: 7,
          },
          id: 221551,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'nixl_xfer_time_seconds_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)\n/\n(\n  sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n    rate(' + chosen.metric_prefix + 'nixl_xfer_time_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n  ) > 0\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Transfer time, mean',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'KV transfers per second.\n\nMetrics: `vllm:nixl_xfer_time_seconds`',
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
              noValue: 'no data: needs NixlConnector',
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
            x: 8,
            y: 7,
          },
          id: 294884,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'nixl_xfer_time_seconds_count{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Transfers per second',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'KV bytes moved per second.\n\nMetrics: `vllm:nixl_bytes_transferred`',
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
              noValue: 'no data: needs NixlConnector',
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'text',
                    value: null,
                  },
                ],
              },
              unit: 'Bps',
            },
            overrides: [],
          },
          gridPos: {
            h: 8,
            w: 8,
            x: 16,
            y: 7,
          },
          id: 147990,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'nixl_bytes_transferred_sum{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Bytes transferred per second',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Failures of moving KV blocks, over every connector. Warning above ' + chosen.words('kv_transfer_failures', 'warning') + ': each one makes a request wait, or computes its prompt again.\n\nMetrics: `vllm:nixl_num_failed_transfers_total`, `vllm:nixl_num_kv_expired_reqs_total`, `vllm:mooncake_num_failed_transfers_total`, `vllm:mooncake_num_failed_recvs_total`, `vllm:mooncake_num_kv_expired_reqs_total`, `vllm:mooncake_store_operation_failed_keys_total`, `vllm:hf3fs_num_failed_save_total`, `vllm:hf3fs_num_failed_load_total`, `vllm:umbp_transfer_failed_total`, `vllm:kv_offload_allocation_failure_total`, `vllm:kv_offload_tiering_promotion_job_failures_total`, `vllm:kv_offload_tiering_cascade_job_failures_total`',
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
              noValue: 'no data: needs HF3FSKVConnector',
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'green',
                    value: null,
                  },
                  {
                    color: 'orange',
                    value: chosen.from('kv_transfer_failures', 'warning'),
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
            y: 15,
          },
          id: 316553,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name, of) (\n  label_replace(rate(' + chosen.metric_prefix + 'nixl_num_failed_transfers_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "nixl_num_failed_transfers", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'nixl_num_kv_expired_reqs_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "nixl_num_kv_expired_reqs", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'mooncake_num_failed_transfers_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "mooncake_num_failed_transfers", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'mooncake_num_failed_recvs_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "mooncake_num_failed_recvs", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'mooncake_num_kv_expired_reqs_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "mooncake_num_kv_expired_reqs", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'mooncake_store_operation_failed_keys_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "mooncake_store_operation_failed_keys", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'hf3fs_num_failed_save_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "hf3fs_num_failed_save", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'hf3fs_num_failed_load_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "hf3fs_num_failed_load", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'umbp_transfer_failed_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "umbp_transfer_failed", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'kv_offload_allocation_failure_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "kv_offload_allocation_failure", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'kv_offload_tiering_promotion_job_failures_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "kv_offload_tiering_promotion_job_failures", "", "")\n  or\n  label_replace(rate(' + chosen.metric_prefix + 'kv_offload_tiering_cascade_job_failures_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval]), "of", "kv_offload_tiering_cascade_job_failures", "", "")\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{model_name}} {{of}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Failed transfers per second, by kind',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Requests whose KV blocks expired before anybody fetched them: they are computed again.\n\nMetrics: `vllm:nixl_num_kv_expired_reqs_total`',
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
              noValue: 'no data: needs NixlConnector',
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
            x: 8,
            y: 15,
          },
          id: 578506,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'nixl_num_kv_expired_reqs_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Expired requests per second',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Requests whose KV blocks are being fetched from elsewhere.\n\nMetrics: `vllm:num_requests_kv_fetch_by_stage`',
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
              noValue: 'no data: needs a KV connector with role kv_consumer or kv_both',
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
          id: 597297,
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
              expr: 'sum by (stage) (\n  max without (pid) (\n    ' + chosen.metric_prefix + 'num_requests_kv_fetch_by_stage{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n  )\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{stage}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Requests that wait for KV, by stage',
          type: 'timeseries',
        },
      ],
      title: 'KV transfer over NIXL (--kv-transfer-config NixlConnector)',
      type: 'row',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 7,
      },
      id: 341749,
      panels: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'KV bytes per second from CPU memory to the GPU. KV bytes per second from the GPU to CPU memory.\n\nMetrics: `vllm:kv_offload_load_bytes_total`, `vllm:kv_offload_store_bytes_total`',
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
              noValue: 'no data: needs OffloadingConnector (--kv-offloading-size)',
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'text',
                    value: null,
                  },
                ],
              },
              unit: 'Bps',
            },
            overrides: [
              {
                matcher: {
                  id: 'byName',
                  options: 'loaded',
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
                  options: 'stored',
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
            y: 8,
          },
          id: 718536,
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
              expr: 'sum(\n  rate(' + chosen.metric_prefix + 'kv_offload_load_bytes_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: 'loaded',
              range: true,
              refId: 'A',
            },
            {
              datasource: {
                type: 'prometheus',
                uid: '${datasource}',
              },
              editorMode: 'code',
              expr: 'sum(\n  rate(' + chosen.metric_prefix + 'kv_offload_store_bytes_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: 'stored',
              range: true,
              refId: 'B',
            },
          ],
          title: 'Bytes per second',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: "Share of the CPU's KV cache in use.\n\nMetrics: `vllm:kv_offload_cpu_cache_usage_perc`",
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
              noValue: 'no data: needs OffloadingConnector with CPUOffloadingSpec',
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
            x: 8,
            y: 8,
          },
          id: 923293,
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
              expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  ' + chosen.metric_prefix + 'kv_offload_cpu_cache_usage_perc{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'CPU cache usage, by model',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: 'Stores that found no room in CPU memory.\n\nMetrics: `vllm:kv_offload_allocation_failure_total`',
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
              noValue: 'no data: needs OffloadingConnector (--kv-offloading-size)',
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
            y: 8,
          },
          id: 715115,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, model_name) (\n  rate(' + chosen.metric_prefix + 'kv_offload_allocation_failure_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{model_name}} {{' + chosen.cluster_label + '}} {{' + chosen.namespace_label + '}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Failed allocations per second',
          type: 'timeseries',
        },
      ],
      title: 'KV offload to CPU memory (--kv-offloading-size, vLLM 0.24)',
      type: 'row',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 8,
      },
      id: 732131,
      panels: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: '1: the engine sleeps, its weights offloaded or discarded.\n\nMetrics: `vllm:engine_sleep_state`',
          fieldConfig: {
            defaults: {
              color: {
                mode: 'palette-classic',
              },
              custom: {
                fillOpacity: 70,
                hideFrom: {
                  legend: false,
                  tooltip: false,
                  viz: false,
                },
                lineWidth: 0,
              },
              mappings: [
                {
                  options: {
                    '0': {
                      color: 'green',
                      index: 0,
                      text: 'awake',
                    },
                    '1': {
                      color: 'blue',
                      index: 1,
                      text: 'asleep',
                    },
                  },
                  type: 'value',
                },
                {
                  options: {
                    match: 'null+nan',
                    result: {
                      index: 2,
                      text: 'no data: no traffic, or vLLM is older than 0.12.0',
                    },
                  },
                  type: 'special',
                },
              ],
              min: 0,
              noValue: 'no data: no traffic, or vLLM is older than 0.12.0',
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
            h: 7,
            w: 24,
            x: 0,
            y: 9,
          },
          id: 27049,
          options: {
            alignValue: 'left',
            legend: {
              calcs: [],
              displayMode: 'list',
              placement: 'bottom',
              showLegend: true,
            },
            mergeValues: true,
            rowHeight: 0.9,
            showValue: 'auto',
            tooltip: {
              mode: 'single',
              sort: 'none',
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
              expr: 'max by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (last_over_time(' + chosen.metric_prefix + 'engine_sleep_state{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine",sleep_state!="awake"}[5m]))',
              format: 'time_series',
              instant: false,
              legendFormat: '{{instance}} {{engine}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Sleep',
          type: 'state-timeline',
        },
      ],
      title: 'Sleep mode (--enable-sleep-mode, vLLM 0.12)',
      type: 'row',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 9,
      },
      id: 992930,
      panels: [
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: "vLLM's own estimate. Divided by what the GPU can do, it is the model FLOPs utilization (MFU).\n\nMetrics: `vllm:estimated_flops_per_gpu_total`",
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
              noValue: 'no data: needs --enable-mfu-metrics (always exposed, stays 0 without it)',
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'text',
                    value: null,
                  },
                ],
              },
              unit: 'flops',
            },
            overrides: [],
          },
          gridPos: {
            h: 8,
            w: 8,
            x: 0,
            y: 10,
          },
          id: 255860,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'estimated_flops_per_gpu_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{instance}} {{engine}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'FLOP/s per GPU, by engine',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: "vLLM's own estimate of bytes read.\n\nMetrics: `vllm:estimated_read_bytes_per_gpu_total`",
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
              noValue: 'no data: needs --enable-mfu-metrics (always exposed, stays 0 without it)',
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'text',
                    value: null,
                  },
                ],
              },
              unit: 'Bps',
            },
            overrides: [],
          },
          gridPos: {
            h: 8,
            w: 8,
            x: 8,
            y: 10,
          },
          id: 374165,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'estimated_read_bytes_per_gpu_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{instance}} {{engine}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Memory reads per GPU, by engine',
          type: 'timeseries',
        },
        {
          datasource: {
            type: 'prometheus',
            uid: '${datasource}',
          },
          description: "vLLM's own estimate of bytes written.\n\nMetrics: `vllm:estimated_write_bytes_per_gpu_total`",
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
              noValue: 'no data: needs --enable-mfu-metrics (always exposed, stays 0 without it)',
              thresholds: {
                mode: 'absolute',
                steps: [
                  {
                    color: 'text',
                    value: null,
                  },
                ],
              },
              unit: 'Bps',
            },
            overrides: [],
          },
          gridPos: {
            h: 8,
            w: 8,
            x: 16,
            y: 10,
          },
          id: 837157,
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
              expr: 'sum by (' + chosen.cluster_label + ', ' + chosen.namespace_label + ', job, instance, engine, model_name) (\n  rate(' + chosen.metric_prefix + 'estimated_write_bytes_per_gpu_total{' + chosen.cluster_label + '=~"$' + chosen.cluster_label + '",' + chosen.namespace_label + '=~"$' + chosen.namespace_label + '",job=~"$job",model_name=~"$model_name",instance=~"$instance",engine=~"$engine"}[$__rate_interval])\n)',
              format: 'time_series',
              instant: false,
              legendFormat: '{{instance}} {{engine}}',
              range: true,
              refId: 'A',
            },
          ],
          title: 'Memory writes per GPU, by engine',
          type: 'timeseries',
        },
      ],
      title: 'Model FLOPs utilization (--enable-mfu-metrics, vLLM 0.18)',
      type: 'row',
    },
    {
      collapsed: true,
      gridPos: {
        h: 1,
        w: 24,
        x: 0,
        y: 10,
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
            y: 11,
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
            y: 11,
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
            y: 11,
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
  title: 'vLLM / Features',
  uid: 'vllm-obs-features',
  weekStart: '',
}
