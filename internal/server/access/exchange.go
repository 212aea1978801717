package access

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// exchange gives a code to the issuer and gets an identity token.
func (i *issuer) exchange(ctx context.Context, callback, verifier, code string) (string, error) {
	known, err := i.about(ctx, func(m *metadata) bool { return m.Token != "" })
	if err == nil && (known == nil || known.Token == "") {
		err = &UnavailableError{"the issuer " + i.Name + " cannot be asked", i.why()}
	}
	if err != nil {
		return "", err
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	req, err := i.redemption(ctx, known, form)
	if err != nil {
		return "", err
	}
	var answer struct {
		IDToken string `json:"id_token"`
	}
	if err := i.fetch(req, &answer); err != nil {
		return "", i.refused(err)
	}
	if strings.Count(answer.IDToken, ".") != 2 {
		return "", unknown("the issuer %s sent no identity token", i.Name)
	}
	return answer.IDToken, nil
}

// redemption is the request for a token, with the client's secret, if it has one, where the
// issuer wants it: in a header, or in the form.
func (i *issuer) redemption(ctx context.Context, known *metadata, form url.Values) (*http.Request, error) {
	basic, secret := len(known.Methods) == 0 || slices.Contains(known.Methods, "client_secret_basic"), ""
	if i.Login.SecretFile != "" {
		var err error
		if secret, err = ReadSecret(i.Login.SecretFile); err != nil {
			return nil, &UnavailableError{"the client's secret at " + i.Name + " cannot be read", err}
		}
	}
	if secret == "" || !basic {
		form.Set("client_id", i.Login.ClientID)
	}
	if secret != "" && !basic {
		form.Set("client_secret", secret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, known.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, &UnavailableError{"the issuer " + i.Name + " cannot be asked", errors.New("its token_endpoint is no address")}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if secret != "" && basic {
		req.SetBasicAuth(url.QueryEscape(i.Login.ClientID), url.QueryEscape(secret))
	}
	return req, nil
}

// refused is why an issuer gave no token: it did not take the code, or is away.
func (i *issuer) refused(err error) error {
	var said *answerError
	if errors.As(err, &said) && said.status >= 400 && said.status < 500 {
		var body struct {
			Error string `json:"error"`
		}
		if json.Unmarshal(said.body, &body) == nil && body.Error != "" {
			return unknown("the issuer %s did not take the code: %s", i.Name, quoted([]string{body.Error}))
		}
	}
	return &UnavailableError{"the issuer " + i.Name + " cannot be asked for a token", err}
}
