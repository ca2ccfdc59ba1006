# The boards of this bundle in a Grafana that Terraform looks after. The provider reads GRAFANA_URL and GRAFANA_AUTH.
terraform {
  required_version = ">= 1.5"
  required_providers {
    grafana = {
      source  = "grafana/grafana"
      version = ">= 3.0"
    }
  }
}

variable "form" {
  description = "raw: over vLLM's own series; fleet: over recorded series, for hundreds of engines"
  type        = string
  default     = "raw"

  validation {
    condition     = contains(["raw", "fleet"], var.form)
    error_message = "The form is raw or fleet."
  }
}

locals {
  boards = "${path.module}/../../../dashboards${var.form == "fleet" ? "/fleet" : ""}"
}

resource "grafana_folder" "vllm" {
  title = "vLLM"
}

resource "grafana_dashboard" "vllm" {
  for_each    = fileset(local.boards, "vllm-*.json")
  folder      = grafana_folder.vllm.uid
  config_json = file("${local.boards}/${each.value}")
  overwrite   = true
}
