package backend_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/backend/backendtest"
	"portico/backend/chat"
)

// part sends bytes of an upload.
func part(c *backendtest.Client, path string, offset int, data []byte) backendtest.Reply {
	r := httptest.NewRequest("PATCH", fmt.Sprintf("%s%s?offset=%d", backendtest.PortalURL, path, offset), bytes.NewReader(data))
	r.Header.Set("Content-Type", "application/octet-stream")
	return c.Send(r)
}

func TestAFileIsSentInPartsAndSeenByWhoSeesTheMessage(t *testing.T) {
	t.Parallel()
	backendtest.Each(t, func(t *testing.T, w *backendtest.World) {
		ana, bo := newTalk(t, w, "Ana", "127.1.0.1"), newTalk(t, w, "Bo", "127.1.0.2")
		const uploads = "/api/portal/chat/uploads"
		data := picture(t)
		begun := ana.client.Must("POST", uploads, m{"name": "..\\Garden\u202egnp.exe.png", "size": len(data)}, 201)
		path := uploads + "/" + begun.Text("id")
		if r := part(ana.client, path, 0, data[:10]); r.Status != 200 || r.Number("offset") != 10 {
			t.Fatalf("the first part: %d %s", r.Status, r.Body)
		}
		if r := part(ana.client, path, 0, data[:10]); r.Status != 409 || !strings.Contains(r.Body, "10") {
			t.Errorf("sent again at the start: %d %s", r.Status, r.Body)
		}
		if r := part(bo.client, path, 10, data[10:]); r.Status != 404 {
			t.Errorf("somebody else goes on: %d", r.Status)
		}
		messages := portalChat + "/" + ana.id + "/messages"
		ana.client.Must("POST", messages, m{"client_msg_id": "1", "attachments": []string{begun.Text("id")}}, 422) // not there yet
		if got := ana.client.Must("GET", path, nil, 200).Number("offset"); got != 10 {
			t.Errorf("it stands at %d", got)
		}
		if r := part(ana.client, path, 10, data[10:]); r.Status != 200 || r.At("done") != true {
			t.Fatalf("the last part: %d %s", r.Status, r.Body)
		}
		bo.client.Must("POST", portalChat+"/"+bo.id+"/messages", m{"client_msg_id": "1", "attachments": []string{begun.Text("id")}}, 422)
		sent := ana.client.Must("POST", messages, m{"client_msg_id": "2", "attachments": []string{begun.Text("id")}}, 201)
		if again := ana.client.Must("POST", messages, m{"client_msg_id": "2", "attachments": []string{begun.Text("id")}}, 200); again.Body != sent.Body {
			t.Errorf("sent twice: %s and %s", sent.Body, again.Body)
		}
		file := sent.List("attachments")[0]
		if file["kind"] != "image" || file["name"] != "Gardengnp.exe.png" || file["width"] != 64.0 {
			t.Errorf("it is %v", file)
		}
		url, _ := file["url"].(string)
		got := ana.client.Do("GET", url, nil)
		if got.Status != 200 || got.Body != string(data) || got.Header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") ||
			!strings.HasPrefix(got.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("it comes back as %d %v", got.Status, got.Header)
		}
		thumb, _ := file["thumb_url"].(string)
		ana.client.Must("GET", thumb, nil, 200)
		for _, path := range []string{url, thumb} {
			if r := bo.client.Do("GET", path, nil); r.Status != 404 {
				t.Errorf("Bo gets %s: %d", path, r.Status)
			}
		}
		files := w.Staff.Must("GET", "/api/staff/chat/files?contact_id="+ana.contact, nil, 200).List("items")
		if len(files) != 1 || files[0]["from"] != "client" {
			t.Errorf("on Ana's page: %v", files)
		}
		ana.client.Must("DELETE", messages+"/"+sent.Text("id"), nil, 200)
		ana.client.Must("GET", url, nil, 404)
	})
}

func TestFilesThatAreNotWhatTheySay(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	ana := newTalk(t, w, "Ana", "127.1.0.1")
	const uploads = "/api/portal/chat/uploads"
	for _, story := range []struct {
		name, data   string
		begun, ended int
		kind         string
	}{
		{"photo.png", "<script>alert(1)</script>", 201, 422, ""},
		{"photo.jpg", "\x89PNG\r\n\x1a\nxxxxxxxxxxxxxxxxxxxxxxxx", 201, 422, ""},
		{"run.exe", "MZ", 422, 0, ""},
		{"page.html", "<html>", 422, 0, ""},
		{"noending", "x", 422, 0, ""},
		{"paper.pdf", "MZ\x90\x00 not a pdf", 201, 422, ""},
		{"paper.pdf", "%PDF-1.7\n1 0 obj", 201, 200, "pdf"},
		{"drawing.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, 201, 200, "file"},
		{"notes.txt", "<html><script>alert(1)</script>", 201, 200, "file"},
		{"list.csv", "a,b\n1,2\n", 201, 200, "file"},
		{"old.zip", "PK\x03\x04xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 201, 200, "file"},
		{"damaged.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00", 201, 422, ""},
	} {
		begun := ana.client.Do("POST", uploads, m{"name": story.name, "size": len(story.data)})
		if want := story.begun; begun.Status != want && (want != 422 || begun.Status != 415) {
			t.Errorf("%s begins with %d, want %d: %s", story.name, begun.Status, want, begun.Body)
			continue
		}
		if story.ended == 0 {
			continue
		}
		path := uploads + "/" + begun.Text("id")
		r := part(ana.client, path, 0, []byte(story.data))
		if r.Status != story.ended && (story.ended != 422 || r.Status != 415) {
			t.Errorf("%s ends with %d, want %d: %s", story.name, r.Status, story.ended, r.Body)
		}
		if story.ended != 200 {
			ana.client.Must("GET", path, nil, 404)
			continue
		}
		sent := ana.client.Must("POST", portalChat+"/"+ana.id+"/messages", m{"client_msg_id": begun.Text("id"), "attachments": []string{begun.Text("id")}}, 201)
		file := sent.List("attachments")[0]
		url, _ := file["url"].(string)
		got := ana.client.Must("GET", url, nil, 200)
		kind := got.Header.Get("Content-Type")
		if file["kind"] != story.kind || story.kind == "file" && kind != "application/octet-stream" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s is %v and comes as %s", story.name, file["kind"], kind)
		}
	}
	ana.client.Must("POST", uploads, m{"name": "big.zip", "size": int64(3) << 30}, 422)
	ana.client.Must("POST", uploads, m{"name": "empty.txt", "size": 0}, 422)
	left, _ := filepath.Glob(filepath.Join(w.Data, "files", "tmp", "*"))
	for _, name := range left {
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			t.Errorf("%s (%d bytes) is left of what was refused", filepath.Base(name), info.Size())
		}
	}
}

// A part may be as large as the answer says, and no larger.
func TestAPartAsLargeAsAChunk(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	ana := newTalk(t, w, "Ana", "127.1.0.1")
	const uploads = "/api/portal/chat/uploads"
	data := bytes.Repeat([]byte("beds and paths\n"), chat.Chunk/15+1)
	path := uploads + "/" + ana.client.Must("POST", uploads, m{"name": "plan.txt", "size": len(data)}, 201).Text("id")
	if r := part(ana.client, path, 0, data); r.Status != http.StatusRequestEntityTooLarge {
		t.Fatalf("more than a chunk: %d %s", r.Status, r.Body)
	}
	if r := part(ana.client, path, 0, data[:chat.Chunk]); r.Status != http.StatusOK || r.Number("offset") != chat.Chunk {
		t.Fatalf("a chunk: %d %s", r.Status, r.Body)
	}
	if r := part(ana.client, path, chat.Chunk, data[chat.Chunk:]); r.Status != http.StatusOK || r.At("done") != true {
		t.Fatalf("the rest: %d %s", r.Status, r.Body)
	}
}

// A cancelled upload leaves nothing, and one that nobody sends is gone after a day.
func TestUploadsDoNotStay(t *testing.T) {
	t.Parallel()
	w := backendtest.New(t, "")
	ana := newTalk(t, w, "Ana", "127.1.0.1")
	const uploads = "/api/portal/chat/uploads"
	path := uploads + "/" + ana.client.Must("POST", uploads, m{"name": "a.txt", "size": 10}, 201).Text("id")
	if r := part(ana.client, path, 0, []byte("hello")); r.Status != http.StatusOK {
		t.Fatal(r.Status, r.Body)
	}
	ana.client.Must("DELETE", path, nil, 204)
	ana.client.Must("GET", path, nil, 404)
	if left, _ := filepath.Glob(filepath.Join(w.Data, "files", "tmp", "*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
