variable "plugin_id" {
  description = "Plugin to deploy."
  type        = string
  default     = "payment-processor-stripe"
}

variable "release" {
  description = "Version to roll out."
  type        = string
  default     = "1.6.0"
}

variable "stages" {
  description = "Share of the tenants in each stage, percent."
  type        = list(number)
  default     = [10, 30, 50, 100]
}

variable "evaluation_period" {
  description = "How long each stage is measured."
  type        = string
  default     = "PT10M"
}

variable "judge" {
  description = "How measurements are judged: sequential or threshold."
  type        = string
  default     = "sequential"
}
