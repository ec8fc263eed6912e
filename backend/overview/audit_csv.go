package overview

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
)

// auditColumns head the export.
var auditColumns = []string{"seq", "id", "at", "actor_kind", "actor", "via", "action", "subject", "subject_name", "detail", "address", "browser", "hash"}

// ExportAudit writes the log, or what a search finds in it, as CSV, newest first,
// and notes that in the log before the first byte. Staff only.
func (s *Service) ExportAudit(ctx context.Context, actor auth.Actor, typed, action string, begin func() io.Writer) error {
	if err := actor.MustBeStaff(); err != nil {
		return err
	}
	if err := s.DB.Write(ctx, func(tx *db.Tx) error {
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "overview.export_audit"})
	}); err != nil {
		return err
	}
	out := begin()
	// Without the mark spreadsheet programs take UTF-8 for something older.
	if _, err := io.WriteString(out, "\ufeff"); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	w := csv.NewWriter(out)
	w.UseCRLF = true
	_ = w.Write(auditColumns) // errors stay in w until Flush
	for before := int64(0); ; {
		entries, err := s.auditPiece(ctx, action, before)
		if err != nil {
			return err
		}
		for _, e := range entries {
			before = e.Seq
			if e.matches(typed) {
				_ = w.Write(e.row())
			}
		}
		if w.Flush(); w.Error() != nil || len(entries) < piece {
			return w.Error()
		}
	}
}

func (e AuditEntry) row() []string {
	row := []string{strconv.FormatInt(e.Seq, 10), e.ID, e.At.UTC().Format(time.RFC3339), e.ActorKind, e.Who, e.Via, e.Action,
		e.Subject, e.SubjectName, string(e.Detail), e.Personal["address"], e.Personal["browser"], e.Hash}
	for i := range row {
		row[i] = safeCell(row[i])
	}
	return row
}

// safeCell keeps spreadsheet programs from running a cell as a formula
// (ASVS 5.0 1.2.10, https://owasp.org/www-community/attacks/CSV_Injection).
func safeCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
