//go:build linux && desktop && automation

package app

// This file lets WebKitWebDriver drive the window in tests. It is never part of
// a release: whoever may drive the window may do everything staff may.

/*
#cgo pkg-config: gtk+-3.0 webkit2gtk-4.1
#cgo LDFLAGS: -Wl,--wrap=webkit_web_view_new_with_user_content_manager
#include <gtk/gtk.h>
#include <webkit2/webkit2.h>

static GtkWidget *driven;

static WebKitWebView *give_view(WebKitAutomationSession *s, gpointer d) { return WEBKIT_WEB_VIEW(driven); }

static void started(WebKitWebContext *c, WebKitAutomationSession *s, gpointer d) {
	WebKitApplicationInfo *i = webkit_application_info_new();
	webkit_application_info_set_name(i, "portico");
	webkit_application_info_set_version(i, 1, 0, 0);
	webkit_automation_session_set_application_info(s, i);
	webkit_application_info_unref(i);
	g_signal_connect(s, "create-web-view", G_CALLBACK(give_view), NULL);
}

GtkWidget *__wrap_webkit_web_view_new_with_user_content_manager(WebKitUserContentManager *m) {
	WebKitWebContext *c = webkit_web_context_get_default();
	webkit_web_context_set_automation_allowed(c, TRUE);
	g_signal_connect(c, "automation-started", G_CALLBACK(started), NULL);
	driven = GTK_WIDGET(g_object_new(WEBKIT_TYPE_WEB_VIEW, "user-content-manager", m, "is-controlled-by-automation", TRUE, NULL));
	return driven;
}
*/
import "C"
