package testbed

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"
)

//go:embed etc
var etcFiles embed.FS

// render returns the contents of every file of /etc/asterisk by name.
func render(s settings) (map[string]string, error) {
	templates, err := template.New("etc").Option("missingkey=error").ParseFS(etcFiles, "etc/*.conf")
	if err != nil {
		return nil, fmt.Errorf("parse configuration: %w", err)
	}
	files := map[string]string{}
	for _, t := range templates.Templates() {
		if t.Name() == "etc" {
			continue
		}
		var text bytes.Buffer
		if err := t.Execute(&text, s); err != nil {
			return nil, fmt.Errorf("render %s: %w", t.Name(), err)
		}
		files[t.Name()] = text.String()
	}
	for name, text := range s.extra {
		files[name] += text
	}
	return files, nil
}

// folders of an instance; those the user asterisk writes to are owned by it. "root" is where the namespace mounts the root.
var folders = []struct {
	name  string
	owned bool
}{
	{"root", false},
	{"etc", false},
	{"run", true},
	{"lib", true},
	{"log", true},
	{"log/cdr-csv", true},
	{"spool", true},
	{"spool/recording", true},
	{"spool/monitor", true},
	{"spool/outgoing", true},
	{"spool/tmp", true},
	{"cache", true},
	{"sounds", true},
	{"sipp", false},
}

// prepare writes an instance's folder anew. The folder must exist and be empty.
func prepare(folder string, root Root, s settings, hostname string) error {
	for _, f := range folders {
		path := filepath.Join(folder, f.name)
		if err := os.Mkdir(path, 0o755); err != nil {
			return fmt.Errorf("prepare instance: %w", err)
		}
		if !f.owned {
			continue
		}
		if err := os.Chown(path, root.UID, root.GID); err != nil {
			return fmt.Errorf("prepare instance: %w", err)
		}
	}
	files, err := render(s)
	if err != nil {
		return fmt.Errorf("prepare instance: %w", err)
	}
	for name, text := range files {
		if err := writeFile(filepath.Join(folder, "etc", name), text); err != nil {
			return err
		}
	}
	return writeFile(filepath.Join(folder, "hosts"), hosts(hostname))
}

// hosts answers the names Asterisk looks up for every INVITE. Without them each one waits for a name server.
func hosts(hostname string) string {
	return "127.0.0.1 localhost " + hostname + " A.ROOT-SERVERS.NET a.root-servers.net\n"
}

func writeFile(path, text string) error {
	if err := os.WriteFile(path, []byte(text), fs.FileMode(0o644)); err != nil {
		return fmt.Errorf("prepare instance: %w", err)
	}
	return nil
}
