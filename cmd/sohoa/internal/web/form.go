package web

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"sohoa/storage/catalogue"
)

const (
	// mostField is the most bytes of one field of a form.
	mostField = 4 << 10
	// fieldsPerFile bounds a form's fields beside its files: more than can be said of each file.
	fieldsPerFile = 8
)

func isForm(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "multipart/form-data"
}

// handInForm takes each file of a form. What is said of component, kind and queue holds for the files behind it, a sha256 for
// the next one. A file that is refused does not spoil the others.
func (s *Server) handInForm(w http.ResponseWriter, r *http.Request, c *call, dossier catalogue.DossierID) error {
	for _, name := range digestHeaders() {
		if r.Header.Get(name) != "" {
			// Passed over, it would let the client believe that its files were checked.
			return invalid("sha256", name+" is of the whole form: each file's checksum belongs into the form, as the field sha256 before the file")
		}
	}
	form, err := r.MultipartReader()
	if err != nil {
		return &refusal{code: CodeBadRequest, detail: "not a form of several parts", err: err}
	}
	var results []handed
	err = s.takeForm(form, r, c, dossier, &results)
	refused := 0
	for i := range results {
		if results[i].Error != nil {
			refused++
		}
	}
	switch {
	case err == nil && len(results) == 0:
		return refuse(CodeNoFile)
	case err == nil && refused == 0:
		s.figures.acknowledged(c)
		answer(w, handedStatus(results), handedJSON{Results: results})
		return nil
	case err == nil && len(results) == 1:
		f := *results[0].Error
		c.failed(f.Code, nil)
		s.answerFailure(w, c.exchange, table[f.Code], failed{Error: f, Results: results})
		return nil
	case err == nil:
		err = refuse(CodeSomeRefused)
	}
	// What was kept before the form ended early stays kept; sent again it is met again.
	f, said := failure(err, c.id)
	c.failed(f.Code, err)
	s.answerFailure(w, c.exchange, said, failed{Error: f, Results: results})
	return nil
}

// takeForm goes through a form's parts. It ends early where the form itself is at fault, or the service.
func (s *Server) takeForm(form *multipart.Reader, r *http.Request, c *call, dossier catalogue.DossierID, results *[]handed) error {
	var says slip
	for fields := 0; ; {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return badForm(err)
		}
		if part.FileName() == "" {
			if fields++; fields > fieldsPerFile*s.config.MaxFiles {
				return refuse(CodeTooManyFiles)
			}
			if err := takeField(part, &says); err != nil {
				return err
			}
			continue
		}
		if len(*results) == s.config.MaxFiles {
			return refuse(CodeTooManyFiles)
		}
		says.name = cleanName(part.FileName())
		result, err := s.takeFile(r.Context(), c, dossier, part, says)
		says.sha256 = ""
		if err != nil && !ownFault(err) {
			return err
		}
		if err != nil {
			f, _ := failure(err, c.id)
			result = handed{Name: says.name, Error: &f}
			s.figures.refusedFile()
		}
		*results = append(*results, result)
	}
}

// takeField reads one field of a form.
func takeField(part *multipart.Part, says *slip) error {
	value, err := io.ReadAll(io.LimitReader(part, mostField+1))
	if err != nil {
		return badForm(err)
	}
	if len(value) > mostField {
		return invalid(knownField(part.FormName()), "it is too long")
	}
	return says.set(knownField(part.FormName()), strings.TrimSpace(string(value)))
}

// knownField keeps names that a client makes up short enough to be told back.
func knownField(name string) string {
	if cleaned := cleanName(name); len(cleaned) <= 64 {
		return cleaned
	}
	return "field"
}

// badForm is what an error between a form's parts means.
func badForm(err error) error {
	if err = receiving(err); codeOf(err) == CodeCutOff && !errors.Is(err, io.ErrUnexpectedEOF) {
		return &refusal{code: CodeBadRequest, detail: "the form is not whole", err: err}
	}
	return err
}

// digestHeaders are where a client may say the checksum of a body (RFC 9530).
func digestHeaders() []string { return []string{"Repr-Digest", "Content-Digest"} }

// digest is the SHA-256 that Repr-Digest or Content-Digest (RFC 9530) say, as hex; "" where they say none. Other algorithms
// are passed over, as the RFC asks.
func digest(h http.Header) (string, error) {
	found := ""
	for _, name := range digestHeaders() {
		for member := range strings.SplitSeq(strings.Join(h.Values(name), ","), ",") {
			algorithm, value, _ := strings.Cut(strings.TrimSpace(member), "=")
			if algorithm != "sha-256" {
				continue
			}
			value, _, _ = strings.Cut(value, ";")
			inner, ok := strings.CutPrefix(value, ":")
			inner, ends := strings.CutSuffix(inner, ":")
			sum, err := base64.StdEncoding.DecodeString(inner)
			if !ok || !ends || err != nil || len(sum) != 32 {
				return "", invalid("sha256", name+" is not like sha-256=:BASE64:")
			}
			said := hex.EncodeToString(sum)
			if found != "" && found != said {
				return "", invalid("sha256", "Repr-Digest and Content-Digest differ")
			}
			found = said
		}
	}
	return found, nil
}
