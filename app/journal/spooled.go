package journal

import (
	"bufio"
	"errors"
	"io"
	"os"

	"missedcalls/app/bus"
)

// spooled is the content of a spool at one moment.
type spooled struct {
	files    []*os.File
	sections []*io.SectionReader
}

// each visits the messages in order. Damage ends a segment, as it does for publishing.
func (p *spooled) each(visit func(m bus.Message) error) error {
	for _, section := range p.sections {
		if _, err := section.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := eachFrame(bufio.NewReaderSize(section, 1<<16), visit); err != nil {
			return err
		}
	}
	return nil
}

func eachFrame(r *bufio.Reader, visit func(m bus.Message) error) error {
	for {
		m, _, err := readFrame(r)
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(m); err != nil {
			return err
		}
	}
}

func (p *spooled) close() error {
	var errs []error
	for _, f := range p.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
