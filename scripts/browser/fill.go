package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Dossier is what AddDossier sends: the API's fields.
type Dossier struct {
	Code      string         `json:"code"`
	Agency    string         `json:"agency"`
	Procedure string         `json:"procedure,omitempty"`
	Owner     map[string]any `json:"owner,omitempty"`
	Subject   string         `json:"subject,omitempty"`
	State     int            `json:"state,omitempty"`
	Received  string         `json:"received,omitempty"`
	Due       string         `json:"due,omitempty"`
	Resolved  string         `json:"resolved,omitempty"`
}

// AddDossier adds a dossier and gives its number.
func (s *Site) AddDossier(ctx context.Context, d Dossier) (id int64, err error) {
	var made struct {
		ID int64 `json:"id"`
	}
	err = s.API(ctx, http.MethodPost, "/api/v1/dossiers", d, &made)
	return made.ID, err
}

// HandIn hands a file in and gives the paper's number; kind is component or result.
func (s *Site) HandIn(ctx context.Context, dossier int64, file, kind, component string) (id int64, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range map[string]string{"kind": kind, "component": component} {
		if err := form.WriteField(name, value); err != nil {
			return 0, err
		}
	}
	part, err := form.CreateFormFile("file", filepath.Base(file))
	if err != nil {
		return 0, err
	}
	if _, err := part.Write(content); err != nil {
		return 0, err
	}
	if err := form.Close(); err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/api/v1/dossiers/%d/papers", s.URL, dossier), &body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	var handed struct {
		Results []struct {
			Paper struct {
				ID int64 `json:"id"`
			} `json:"paper"`
		} `json:"results"`
	}
	if err := json.Unmarshal(text, &handed); err != nil || len(handed.Results) != 1 || handed.Results[0].Paper.ID == 0 {
		return 0, fmt.Errorf("hand in %s: %s: %s", file, resp.Status, text)
	}
	return handed.Results[0].Paper.ID, nil
}

// WaitRead waits until a paper was read, and gives its state.
func (s *Site) WaitRead(ctx context.Context, paper int64) (state string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for {
		var p struct {
			State string `json:"state"`
		}
		if err := s.API(ctx, http.MethodGet, fmt.Sprintf("/api/v1/papers/%d", paper), nil, &p); err != nil {
			return "", err
		}
		if p.State != "received" && p.State != "reading" {
			return p.State, nil
		}
		select {
		case <-ctx.Done():
			return p.State, fmt.Errorf("paper %d is still %s: %w", paper, p.State, ctx.Err())
		case <-time.After(300 * time.Millisecond):
		}
	}
}
