# ENVIRONMENT/PLUGIN
terraform import hotswap_plugin_deployment.stripe Production/payment-processor-stripe
