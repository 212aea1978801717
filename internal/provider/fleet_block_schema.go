package provider

import (
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// variables are how the environment variables begin that stand in for the settings of a
// connection: what follows is the setting's path in capitals.
const (
	fleetVariables      = "HOTSWAP_"
	prometheusVariables = "HOTSWAP_PROMETHEUS_"
	controllerVariables = "HOTSWAP_CONTROLLER_"
)

// fleetBlockSchema is the block fleet: a fleet that answers over HTTP.
func fleetBlockSchema() schema.Attribute {
	attributes := connectionSchema(fleetVariables)
	attributes["endpoint"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Address of the fleet's API: what comes before `/v1`, as in `https://fleet.example.com`. `https`, or `http` on " +
			"this machine. Or the environment variable `HOTSWAP_ENDPOINT`. No default.",
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "A real fleet, reached over HTTP by the [contract](guides/fleet-contract). Not together with `simulated`. " +
			"Each setting has an environment variable, `HOTSWAP_` and its path in capitals (`HOTSWAP_ENDPOINT`, `HOTSWAP_TLS_CA_FILE`); " +
			"the block wins, and is not needed where they say all. Default: no fleet, or the one of the environment variables.",
		Attributes: attributes,
	}
}

// controllerBlockSchema is the block controller: a server that walks rollouts.
func controllerBlockSchema() schema.Attribute {
	attributes := connectionSchema(controllerVariables)
	attributes["endpoint"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Address of the server: what comes before `/v1`, as in `https://hotswap.example.com`. `https`, or `http` on this machine. " +
			"Or the environment variable `HOTSWAP_CONTROLLER_ENDPOINT`. No default.",
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "A rollout server, `hotswap serve --config`, which knows the fleets, and walks rollouts whether or not an apply waits for them. In place of " +
			"`fleet`, `prometheus` and `journal`, which are the server's to know. Each setting has an environment variable, `HOTSWAP_CONTROLLER_` and its path in " +
			"capitals; the block wins, and is not needed where they say all. Default: none, or the one of the environment variables.",
		Attributes: attributes,
	}
}

// journalBlockSchema is the block journal.
func journalBlockSchema() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Journals of rollouts, kept beside a fleet that keeps none. Without them no rollout begins there. " +
			"Default: the fleet's own.",
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Folder, on a disk that outlives the machine's job and that all who apply share: a rollout whose journal is lost " +
					"cannot be gone on with. Or the environment variable `HOTSWAP_JOURNAL_PATH`.",
			},
		},
	}
}

// connectionSchema is how another one is reached. Every connection of the provider has it.
func connectionSchema(variables string) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"allow_http": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Take `http` to other machines too, where anybody on the way reads the credentials. Default `false`.",
		},
		"timeout": schema.StringAttribute{
			Optional: true, CustomType: durationType{},
			MarkdownDescription: "Longest wait for one answer, up to `1h`. Default `30s`.",
		},
		"token": schema.StringAttribute{
			Optional: true, Sensitive: true,
			MarkdownDescription: "Bearer token. Best in the environment variable `" + variables + "TOKEN`, or in a file. Default: none.",
		},
		"token_file": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "File with the bearer token, read anew for each request, so that it may change while a rollout runs. Default: none.",
		},
		"proxy_url": schema.StringAttribute{
			Optional: true, Sensitive: true,
			MarkdownDescription: "Proxy on the way. Default: what `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say.",
		},
		"headers": schema.MapAttribute{
			Optional: true, Sensitive: true, ElementType: types.StringType,
			MarkdownDescription: "Headers of each request, such as `X-Scope-OrgID`. As an environment variable a JSON object. Default: none.",
		},
	}
	maps.Copy(attributes, map[string]schema.Attribute{
		"basic_auth": secretsSchema("User name and password.", map[string]string{"username": "User name.", "password": "Password.", "password_file": "File with the password, read anew for each request."}),
		"tls": secretsSchema("Certificates.", map[string]string{
			"ca": "Certificates to trust, in PEM, beside none of the system's.", "ca_file": "File with these; read again when it changes.",
			"cert": "Client certificate, in PEM.", "cert_file": "File with it; read again when it changes.", "key": "Its key, in PEM.", "key_file": "File with it.",
			"server_name": "Name that the certificate has to be for. Default: the address's.",
		}),
		"oauth2": secretsSchema("Tokens by OAuth 2 with client credentials.", map[string]string{
			"client_id": "Client id.", "client_secret": "Client secret.", "client_secret_file": "File with it, read anew.", "token_url": "Address that gives the tokens.",
		}),
	})
	attributes["tls"].(schema.SingleNestedAttribute).Attributes["insecure_skip_verify"] = schema.BoolAttribute{
		Optional: true, MarkdownDescription: "Take any certificate: anybody on the way reads the credentials. Default `false`.",
	}
	oauth := attributes["oauth2"].(schema.SingleNestedAttribute).Attributes
	oauth["scopes"] = schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Scopes to ask for. As an environment variable a JSON list. Default: none."}
	oauth["endpoint_params"] = schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Parameters of the request for a token, such as `audience`. As an environment variable a JSON object. Default: none."}
	return attributes
}

// secretsSchema is a block of texts, those of which are sensitive that are secrets.
func secretsSchema(what string, texts map[string]string) schema.SingleNestedAttribute {
	attributes := map[string]schema.Attribute{}
	for name, description := range texts {
		if !strings.Contains(description, "Default:") {
			description += " Default: none."
		}
		attributes[name] = schema.StringAttribute{
			Optional: true, Sensitive: name == "password" || name == "client_secret" || name == "key", MarkdownDescription: description,
		}
	}
	return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: what + " Default: none.", Attributes: attributes}
}
