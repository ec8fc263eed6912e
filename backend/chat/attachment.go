package chat

import (
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"portico/backend/kernel/fault"
)

// File is what an upload or an attachment is.
type File struct {
	Name          string
	Size          int64  // bytes
	Type          string // MIME, by content and name; application/octet-stream for what browsers must not open
	Kind          string // image, audio, video, pdf or file: how it is shown
	Width, Height int64  // of a picture, as it is shown
	Blob, Thumb   string // ids in the file store; Thumb is "" unless there is a picture to show
	SHA256        string
}

// Upload is a file on its way. OwnerID is the contact; "" is staff.
type Upload struct {
	ID      string
	OwnerID string
	File
	Done    bool
	Offset  int64 // how much of it has arrived
	Created time.Time
}

// Attachment is a file in a message.
type Attachment struct {
	ID             string
	ConversationID string
	Seq            int64
	AuthorID       string
	File
	Created time.Time
}

const (
	maxFile        = 2 << 30 // bytes
	maxAttachments = 10
	maxFileName    = 200 // characters
	// Chunk is how much of a file is sent at once, in bytes.
	Chunk = 1 << 20
)

// allowed are the files that may be sent: their ending, and what their content may
// be taken for. "text" is anything that is text; a "zip" or "ole" is how office
// programs pack their documents.
var allowed = map[string]struct {
	kind  string
	types []string
}{
	"png": {"image", []string{"image/png"}}, "jpg": {"image", []string{"image/jpeg"}}, "jpeg": {"image", []string{"image/jpeg"}},
	"gif": {"image", []string{"image/gif"}}, "webp": {"image", []string{"image/webp"}},
	"heic": {"file", []string{"image/heic", "image/heic-sequence", "image/heif"}}, "heif": {"file", []string{"image/heif", "image/heic"}},
	"svg": {"file", []string{"image/svg+xml", "text"}}, "tif": {"file", []string{"image/tiff"}}, "tiff": {"file", []string{"image/tiff"}}, "bmp": {"file", []string{"image/bmp"}},
	"pdf": {"pdf", []string{"application/pdf"}},
	"doc": {"file", []string{"application/msword", "ole"}}, "xls": {"file", []string{"application/vnd.ms-excel", "ole"}}, "ppt": {"file", []string{"application/vnd.ms-powerpoint", "ole"}},
	"docx": {"file", []string{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "zip"}},
	"xlsx": {"file", []string{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "zip"}},
	"pptx": {"file", []string{"application/vnd.openxmlformats-officedocument.presentationml.presentation", "zip"}},
	"odt":  {"file", []string{"application/vnd.oasis.opendocument.text", "zip"}}, "ods": {"file", []string{"application/vnd.oasis.opendocument.spreadsheet", "zip"}},
	"odp": {"file", []string{"application/vnd.oasis.opendocument.presentation", "zip"}}, "pages": {"file", []string{"zip"}}, "numbers": {"file", []string{"zip"}}, "key": {"file", []string{"zip"}},
	"rtf": {"file", []string{"text/rtf", "text"}}, "txt": {"file", []string{"text"}}, "md": {"file", []string{"text"}}, "csv": {"file", []string{"text"}}, "vcf": {"file", []string{"text"}}, "ics": {"file", []string{"text"}},
	"zip": {"file", []string{"zip"}},
	"mp3": {"audio", []string{"audio/mpeg"}}, "m4a": {"audio", []string{"audio/x-m4a", "audio/mp4", "video/mp4"}}, "aac": {"audio", []string{"audio/aac"}}, "wav": {"audio", []string{"audio/wav"}},
	"ogg": {"audio", []string{"audio/ogg", "application/ogg", "video/ogg"}}, "oga": {"audio", []string{"audio/ogg", "application/ogg"}}, "opus": {"audio", []string{"audio/ogg", "application/ogg"}}, "weba": {"audio", []string{"audio/webm", "video/webm"}},
	"mp4": {"video", []string{"video/mp4"}}, "mov": {"video", []string{"video/quicktime"}}, "webm": {"video", []string{"video/webm", "audio/webm"}},
}

// shown are the types that browsers may open themselves; all others are saved.
var openable = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "video/mp4", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/webm", "audio/wav", "video/webm"}

func ending(name string) string { return strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")) }

// normalFile checks what somebody wants to send before a byte of it arrives.
func normalFile(name string, size int64) (File, error) {
	var c fault.Collector
	name = fileName(name)
	if name == "" {
		c.Add("name", fault.New(fault.Invalid, "chat.file_name", "The file has no name."))
	} else if _, ok := allowed[ending(name)]; !ok {
		c.Add("name", fault.New(fault.UnsupportedMedia, "chat.file_kind", "Files like “{name}” cannot be sent here. Pictures, documents, sound, video and zip archives can.", "name", name))
	}
	switch {
	case size < 1:
		c.Add("size", fault.New(fault.Invalid, "chat.file_empty", "The file is empty."))
	case size > maxFile:
		c.Add("size", fault.New(fault.TooLarge, "chat.file_large", "Files of at most {megabytes} MB can be sent here.", "megabytes", maxFile>>20))
	}
	return File{Name: name, Size: size}, c.Fault()
}

// fileName is what a file is called to people: no folders, nothing that cannot be
// seen, nothing that turns the reading direction around (a name that only looks
// like a picture's).
func fileName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if runes := []rune(name); len(runes) > maxFileName {
		end := path.Ext(name)
		name = string(runes[:maxFileName-utf8.RuneCountInString(end)]) + end
	}
	return name
}

// recognised says how a file is shown, when its content is what its name says.
// detected are the MIME types that the content has, from the most exact on.
func recognised(name string, detected []string) (kind, mime string, err error) {
	as := allowed[ending(name)]
	for _, found := range detected {
		found, _, _ = strings.Cut(found, ";")
		found = strings.TrimSpace(found)
		if !slices.ContainsFunc(as.types, func(t string) bool { return t == found || t == family(found) }) {
			continue
		}
		if as.kind == "audio" { // a recorder packs sound as a film without pictures
			found = strings.Replace(found, "video/", "audio/", 1)
		}
		if !slices.Contains(openable, found) || ending(name) == "svg" {
			return as.kind, "application/octet-stream", nil
		}
		return as.kind, found, nil
	}
	return "", "", fault.New(fault.UnsupportedMedia, "chat.file_mistaken", "“{name}” is not what its name says, so it was not taken. Save it again in the program that it comes from, and send that.", "name", name)
}

// family is what many types have in common.
func family(mime string) string {
	switch {
	case strings.HasPrefix(mime, "text/") || mime == "application/json":
		return "text"
	case mime == "application/zip":
		return "zip"
	case mime == "application/x-ole-storage":
		return "ole"
	}
	return mime
}
