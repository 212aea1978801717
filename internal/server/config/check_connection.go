package config

// problems are what is wrong with a connection before anybody makes settings of it.
func (n *Connection) problems(path string, c *checker) {
	var kinds []string
	for _, k := range []struct {
		name string
		has  bool
	}{{"token_file", n.TokenFile != ""}, {"token_env", n.TokenEnv != ""}, {"basic_auth", n.BasicAuth != nil}, {"oauth2", n.OAuth2 != nil}} {
		if k.has {
			kinds = append(kinds, k.name)
		}
	}
	if len(kinds) > 1 {
		c.wrong(path+"."+kinds[1], "is given, and %s too: give one of them", kinds[0])
	}
	n.identified(path, c)
	if t := n.TLS; t != nil && (t.CertFile == "") != (t.KeyFile == "") {
		c.wrong(path+".tls", "cert_file and key_file belong together: give both")
	}
	c.proxy(path+".proxy_url", n.ProxyURL)
	for name := range n.HeaderFiles {
		if _, both := n.Headers[name]; both {
			c.wrong(form.Keyed(path+".header_files", name), "is in headers too: give it once")
		}
	}
}

// identified checks that credentials are whole.
func (n *Connection) identified(path string, c *checker) {
	if b := n.BasicAuth; b != nil {
		if b.Username == "" {
			c.wrong(path+".basic_auth.username", "is missing")
		}
		c.either(path+".basic_auth", "password_file", "password_env", string(b.PasswordFile), string(b.PasswordEnv))
	}
	if o := n.OAuth2; o != nil {
		for name, text := range map[string]string{"client_id": o.ClientID, "token_url": o.TokenURL} {
			if text == "" {
				c.wrong(path+".oauth2."+name, "is missing")
			}
		}
		c.either(path+".oauth2", "client_secret_file", "client_secret_env", string(o.ClientSecretFile), string(o.ClientSecretEnv))
	}
}
