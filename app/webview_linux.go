//go:build linux && desktop && !bindings

package app

/*
#cgo pkg-config: gtk+-3.0 webkit2gtk-4.1
#cgo LDFLAGS: -Wl,--wrap=webkit_web_view_load_uri
#include <gtk/gtk.h>
#include <webkit2/webkit2.h>

extern void porticoLeave(char *uri);

static WebKitWebView *the_view;

static gboolean ours(const char *uri) {
	return g_str_has_prefix(uri, "wails://wails/") || g_str_has_prefix(uri, "blob:wails://wails/") || g_str_has_prefix(uri, "about:");
}

// The page is a privileged place: it stays what it is. A click on a link that
// leads elsewhere opens the browser, everything else that leads away is refused.
static gboolean decide(WebKitWebView *v, WebKitPolicyDecision *d, WebKitPolicyDecisionType type, gpointer data) {
	if (type != WEBKIT_POLICY_DECISION_TYPE_NAVIGATION_ACTION && type != WEBKIT_POLICY_DECISION_TYPE_NEW_WINDOW_ACTION) return FALSE;
	WebKitNavigationAction *a = webkit_navigation_policy_decision_get_navigation_action(WEBKIT_NAVIGATION_POLICY_DECISION(d));
	const char *uri = webkit_uri_request_get_uri(webkit_navigation_action_get_request(a));
	if (type == WEBKIT_POLICY_DECISION_TYPE_NAVIGATION_ACTION && ours(uri)) return FALSE;
	if (!ours(uri) && webkit_navigation_action_is_user_gesture(a)) porticoLeave((char *)uri);
	webkit_policy_decision_ignore(d);
	return TRUE;
}

// Without its web process the window is blank for ever.
static void ended(WebKitWebView *v, WebKitWebProcessTerminationReason reason, gpointer data) {
	if (reason != WEBKIT_WEB_PROCESS_TERMINATED_BY_API) webkit_web_view_load_uri(v, "wails://wails/");
}

void __real_webkit_web_view_load_uri(WebKitWebView *v, const gchar *uri);

// Wails offers no way to reach its web view, but it loads its page in one place.
void __wrap_webkit_web_view_load_uri(WebKitWebView *v, const gchar *uri) {
	if (the_view != v) {
		the_view = v;
		g_signal_connect(v, "decide-policy", G_CALLBACK(decide), NULL);
		g_signal_connect(v, "web-process-terminated", G_CALLBACK(ended), NULL);
	}
	__real_webkit_web_view_load_uri(v, uri);
}

static gboolean present_now(gpointer data) {
	if (the_view != NULL) gtk_window_present(GTK_WINDOW(gtk_widget_get_toplevel(GTK_WIDGET(the_view))));
	return G_SOURCE_REMOVE;
}

static void present_soon(void) { g_idle_add(present_now, NULL); }
*/
import "C"

// present puts the window in front of others; Wails only makes it visible.
func present() { C.present_soon() }
