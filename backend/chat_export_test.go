package backend_test

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	"strings"
	"testing"

	"portico/backend/backendtest"
)

func TestAConversationIsExportedWhole(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana := newTalk(t, w, "Ana", "127.1.0.1")
		mine, theirs := portalChat+"/"+ana.id+"/messages", staffChat+"/"+ana.id+"/messages"
		first := ana.client.Must("POST", mine, says("1", "Привет <script>alert(1)</script> *there* 👍 Ж"), 201).Text("id")
		w.Staff.Must("POST", theirs, m{"client_msg_id": "1", "text": "Hello & welcome", "reply_to": first}, 201)
		gone := ana.client.Must("POST", mine, says("2", "canary-gone"), 201).Text("id")
		ana.client.Must("DELETE", mine+"/"+gone, nil, 200)
		w.Staff.Must("POST", staffChat+"/"+ana.id+"/notes", m{"text": "canary-note"}, 201)
		path := staffChat + "/" + ana.id + "/export?format="
		w.Staff.Must("GET", path+"docx", nil, 422)

		page := w.Staff.Must("GET", path+"html", nil, 200)
		if strings.Contains(page.Body, "canary") || strings.Contains(page.Body, "<script") || !strings.Contains(page.Body, "<em>there</em>") || !strings.Contains(page.Body, "Hello &amp; welcome") {
			t.Errorf("the page is %s", page.Body)
		}
		if got := page.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment;") || !strings.Contains(got, ".html") {
			t.Errorf("it comes as %s", got)
		}
		sum := page.Header.Get("X-Record-SHA256")
		_, record, _ := strings.Cut(page.Body, "<pre id=\"record\">\n")
		record, _, _ = strings.Cut(record, "</pre>")
		proof := sha256.Sum256([]byte(html.UnescapeString(record)))
		if hex.EncodeToString(proof[:]) != sum || !strings.Contains(page.Body, "SHA-256 "+sum) || strings.Count(record, "\n") != 3 {
			t.Errorf("the record of %s is\n%s", sum, record)
		}
		pdf := w.Staff.Must("GET", path+"pdf", nil, 200)
		if pdf.Header.Get("X-Record-SHA256") != sum || !strings.HasPrefix(pdf.Body, "%PDF-") || pdf.Header.Get("Content-Type") != "application/pdf" {
			t.Errorf("the document is %.60s %v", pdf.Body, pdf.Header)
		}
		if again := w.Staff.Must("GET", path+"pdf", nil, 200); again.Body != pdf.Body {
			t.Error("the same record at the same time is another document")
		}
		ana.client.Must("POST", mine, says("3", "one more"), 201)
		if other := w.Staff.Must("GET", path+"html", nil, 200).Header.Get("X-Record-SHA256"); other == sum || len(other) != 64 {
			t.Errorf("another record has the number %s", other)
		}
		if log := w.Staff.Must("GET", "/api/staff/audit?limit=10", nil, 200); strings.Count(log.Body, `"chat.export"`) != 4 || !strings.Contains(log.Body, sum) {
			t.Errorf("the log holds %s", log.Body)
		}
	})
}
