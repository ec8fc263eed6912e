package contacts

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// encoded is what encoding/json makes of a page, with nil lists filled.
func encoded(t *testing.T, p ContactPage) string {
	t.Helper()
	type plain ContactPage // without AppendJSON
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain(p)); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// fill puts a different odd value into every field, so that a field that is added
// to the type and forgotten in AppendJSON is found.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), text+" of many")
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 60_000_000, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), text+" "+v.Type().Field(i).Name)
		}
	}
}

func TestAPageWritesTheJSONThatEncodingJSONWrites(t *testing.T) {
	pages := []ContactPage{{Items: []ContactBody{}}, {Items: []ContactBody{{Emails: []string{}, Phones: []string{}, Tags: []string{}, Address: AddressDTO{City: "Jena", Country: "DE"}}}}}
	for _, odd := range []string{"", "Ada", `"quoted" \ back`, "<b>&'", "line\nend\t\x01\x7f", "Müller 李小龙 😀", "a\u2028b", "bad \xff utf-8"} {
		var p ContactPage
		fill(reflect.ValueOf(&p).Elem(), odd)
		pages = append(pages, p)
	}
	for _, p := range pages {
		if got, want := string(p.AppendJSON(nil)), encoded(t, p); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	if got := string((ContactPage{}).AppendJSON(nil)); got != `{"items":[],"next_cursor":null,"corrected":null}` {
		t.Errorf("nothing is %s", got)
	}
}
