package provider

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What the protocol's values and diagnostics are, in plain Go.

func textOf(t *testing.T, v tftypes.Value) string {
	t.Helper()
	if v.IsNull() {
		return ""
	}
	if !v.IsKnown() {
		return "(unknown)"
	}
	switch {
	case v.Type().Is(tftypes.String):
		var s string
		if err := v.As(&s); err != nil {
			t.Fatal(err)
		}
		return s
	case v.Type().Is(tftypes.Number):
		var f *big.Float
		if err := v.As(&f); err != nil {
			t.Fatal(err)
		}
		return f.Text('g', -1)
	case v.Type().Is(tftypes.Bool):
		var b bool
		if err := v.As(&b); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(b)
	default:
		return v.String()
	}
}

func attributes(t *testing.T, v tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	attrs := map[string]tftypes.Value{}
	if err := v.As(&attrs); err != nil {
		t.Fatal(err)
	}
	return attrs
}

func dynamic(t *testing.T, typ tftypes.Type, v tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	d, err := tfprotov6.NewDynamicValue(typ, v)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

// unknown stands for a value that is not known yet.
type unknown struct{}

// build makes a value of typ out of plain Go; what is left out is null.
func build(t *testing.T, typ tftypes.Type, v any) tftypes.Value {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(typ, nil)
	case unknown:
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	case map[string]any:
		values := map[string]tftypes.Value{}
		if m, ok := typ.(tftypes.Map); ok {
			for name, e := range v {
				values[name] = build(t, m.ElementType, e)
			}
			return tftypes.NewValue(typ, values)
		}
		o, ok := typ.(tftypes.Object)
		if !ok {
			t.Fatalf("%v is not a %s", v, typ)
		}
		for name := range v {
			if _, ok := o.AttributeTypes[name]; !ok {
				t.Fatalf("there is no attribute %s", name)
			}
		}
		for name, at := range o.AttributeTypes {
			values[name] = build(t, at, v[name])
		}
		return tftypes.NewValue(typ, values)
	case []any:
		l, ok := typ.(tftypes.List)
		if !ok {
			t.Fatalf("%v is not a %s", v, typ)
		}
		values := []tftypes.Value{}
		for _, e := range v {
			values = append(values, build(t, l.ElementType, e))
		}
		return tftypes.NewValue(typ, values)
	default:
		return tftypes.NewValue(typ, v)
	}
}

func errorsIn(diags []*tfprotov6.Diagnostic) string {
	return texts(diags, tfprotov6.DiagnosticSeverityError)
}

func warningsIn(diags []*tfprotov6.Diagnostic) string {
	return texts(diags, tfprotov6.DiagnosticSeverityWarning)
}

func texts(diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity) string {
	var lines []string
	for _, d := range diags {
		if d.Severity != severity {
			continue
		}
		at := ""
		if d.Attribute != nil {
			at = fmt.Sprintf(" [%s]", d.Attribute)
		}
		lines = append(lines, d.Summary+at+"\n"+d.Detail)
	}
	return strings.Join(lines, "\n\n")
}
