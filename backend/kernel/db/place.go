package db

import (
	"path/filepath"
	"strings"

	"portico/backend/kernel/fault"
)

// synced are folder names that programs copying files behind our back use. A
// store that is copied while it is written is damaged sooner or later.
var synced = []struct{ part, product string }{
	{"dropbox", "Dropbox"}, {"onedrive", "OneDrive"}, {"google drive", "Google Drive"}, {"googledrive", "Google Drive"},
	{"my drive", "Google Drive"}, {"icloud", "iCloud"}, {"mobile documents", "iCloud"}, {"com~apple~clouddocs", "iCloud"},
	{"nextcloud", "Nextcloud"}, {"owncloud", "ownCloud"}, {"syncthing", "Syncthing"}, {"pcloud", "pCloud"}, {"box sync", "Box"}, {"mega", "MEGA"},
}

// SafePlace refuses a data directory on a network share or in a folder that a
// cloud program copies. dir must exist.
func SafePlace(dir string) error {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return openFault(err)
	}
	if product := syncProduct(real); product != "" {
		return fault.New(fault.Invalid, "store.synced_folder",
			"The folder {folder} is copied by {product} while Portico writes in it, which damages the store. Choose a folder on this computer that is not synchronised.",
			"folder", dir, "product", product)
	}
	kind, err := networkKind(real)
	if err != nil {
		return openFault(err)
	}
	if kind != "" {
		return fault.New(fault.Invalid, "store.network_folder",
			"The folder {folder} is on a network drive ({kind}), where the store would be damaged sooner or later. Choose a folder on a disk of this computer.",
			"folder", dir, "kind", kind)
	}
	return nil
}

// syncProduct names the product whose folder path lies in, or "". Whole path
// elements count, with what products put behind their name ("OneDrive - Shop").
func syncProduct(path string) string {
	for _, element := range strings.Split(filepath.ToSlash(path), "/") {
		element = strings.ToLower(element)
		for _, s := range synced {
			if element == s.part || strings.HasPrefix(element, s.part+" ") || strings.HasPrefix(element, s.part+"-") || strings.HasPrefix(element, s.part+"drive") {
				return s.product
			}
		}
	}
	return ""
}
