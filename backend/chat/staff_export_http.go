package chat

import (
	"net/http"
	"strconv"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/web"
)

func registerExport(api *web.API, s *Service) {
	api.Handle(http.MethodGet, staffConversations+"/{id}/export", auth.StaffOnly, "A conversation as HTML or PDF", func(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
		format := r.URL.Query().Get("format")
		var out Export
		var err error
		if format != ExportHTML && format != ExportPDF {
			err = fault.InvalidField("format", "chat.export_format", "Choose html or pdf.")
		} else {
			out, err = s.Export(r.Context(), actor, r.PathValue("id"), format)
		}
		if err != nil {
			web.WriteProblem(w, r, err, api.Words, api.Log)
			return
		}
		h := w.Header()
		h.Set("Content-Type", out.Type)
		h.Set("Content-Disposition", `attachment; filename="`+out.Name+`"`)
		h.Set("Content-Length", strconv.Itoa(len(out.Bytes)))
		h.Set("X-Record-SHA256", out.SHA256)
		_, _ = w.Write(out.Bytes)
	})
}
