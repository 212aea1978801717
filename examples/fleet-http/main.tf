# Start the fleet, and then roll a version out over it. 1.2.0 is one that fails there:
#
#   FLEET_TOKEN=secret go run ./examples/fleet-http -bad 1.2.0
#   HOTSWAP_TOKEN=secret terraform apply
#   HOTSWAP_TOKEN=secret terraform apply -var plugin_version=1.2.0
terraform {
  required_providers {
    hotswap = {
      source = "hotswap-io/hotswap"
    }
  }
}

variable "plugin_version" {
  type    = string
  default = "1.1.0"
}

# The token is in the environment variable HOTSWAP_TOKEN, or in a file that token_file names.
provider "hotswap" {
  fleet = {
    endpoint = "http://127.0.0.1:8088"
  }
}

resource "hotswap_plugin_deployment" "checkout" {
  plugin_id   = "checkout"
  environment = "Production"
  version     = var.plugin_version
  strategy    = "Canary"

  # Seconds are enough here, where nobody is served. A real canary takes longer.
  canary = {
    initial_percentage   = 25
    increment_percentage = 75 # 25, 100
    evaluation_period    = "PT6S"
  }
}

output "outcome" {
  value = hotswap_plugin_deployment.checkout.outcome
}
