package extract

import "sohoa/pipeline/page"

// Name names a field. Those of Thông tư 01/2023/TT-VPCP, Điều 9 are called as the catalogue calls them.
type Name string

// The fields.
const (
	Title         Name = "title"          // tên giấy tờ; its normal form is the kind: QUYẾT ĐỊNH, CÔNG VĂN, ĐƠN
	Number        Name = "number"         // số
	Notation      Name = "notation"       // ký hiệu
	Issuer        Name = "issuer"         // cơ quan ban hành
	Parent        Name = "parent"         // cơ quan chủ quản
	Place         Name = "place"          // địa danh
	Issued        Name = "issued_on"      // ngày ban hành
	Subject       Name = "subject"        // trích yếu
	Signer        Name = "signer"         // người ký
	SignerTitle   Name = "signer_title"   // chức vụ người ký
	DossierCode   Name = "dossier_code"   // mã hồ sơ
	Procedure     Name = "procedure_code" // mã thủ tục hành chính
	OwnerName     Name = "owner_name"     // chủ giấy tờ
	OwnerNumber   Name = "owner_number"   // số định danh của chủ giấy tờ
	ValidUntil    Name = "valid_until"    // thời hạn có hiệu lực
	ValidityScope Name = "validity_scope" // phạm vi có hiệu lực
)

// Names are all of them, in the order in which they are shown.
func Names() []Name {
	return []Name{
		Title, Number, Notation, Issuer, Parent, Place, Issued, Subject, Signer, SignerTitle, DossierCode, Procedure, OwnerName,
		OwnerNumber, ValidUntil, ValidityScope,
	}
}

// Origin says what a field was taken from.
type Origin string

// The origins.
const (
	Recognized Origin = "recognized" // the words of the page
	Code       Origin = "code"       // a QR code or barcode on it
)

// Field is one thing that a paper says.
type Field struct {
	Name Name `json:"name"`
	// Value is what stands on the paper, NFC, lines joined; misreadings that are sure are put right. It is empty where there is
	// a place for it on which nothing stands that can be read, as for a number that was written in by hand: that is told apart
	// from a field that the paper does not have.
	Value string `json:"value"`
	// Normal is the form in which it is compared: a day is 2025-02-18, a notation in upper case, a title its kind.
	Normal     string     `json:"normal,omitempty"`
	Confidence float64    `json:"confidence"` // 0–100: of those shown as 95 or more, at least 95 % are right
	Page       int        `json:"page"`       // from 1
	Boxes      []page.Box `json:"boxes,omitempty"`
	Origin     Origin     `json:"origin"`
	// Differs is what the page's words say where a code says otherwise.
	Differs string `json:"differs,omitempty"`
}

// Box is the smallest box around all of a field's.
func (f Field) Box() page.Box {
	var b page.Box
	for _, one := range f.Boxes {
		b = b.Union(one)
	}
	return b
}
