# Secrets are best left to HOTSWAP_TOKEN, or to a file that is read anew for each request.
provider "hotswap" {
  alias = "real"

  fleet = {
    endpoint   = "https://fleet.example.com"
    token_file = "/run/secrets/fleet-token"
    tls        = { ca_file = "/etc/ssl/internal-ca.pem" }
  }
  prometheus = { # only where the fleet does not count its own traffic
    address = "https://prometheus.example.com"
    headers = { X-Scope-OrgID = "payments" }
    params  = { partial_response = "false" }
  }
  allowed_environments = ["Staging", "Production"]
}
