// Writes tui/sim/kube/schema.json: what the API machinery of a real server knows of its own types.
//
// Four sources, all of them public Go modules of Kubernetes: the Go types (field names in the order in which a
// server writes them, what is written although empty, patchStrategy and patchMergeKey), the comments in their source
// (which fields are required), the apply configurations' merge schema (which lists are maps, sets or atomic, and by
// which keys) and the documentation texts of the kinds.
//
// Renew, for another Kubernetes version, with Go installed:
//
//	cd tests/sim/kube/schema_generator && go run . > ../../../../tui/sim/kube/schema.json
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sort"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/applyconfiguration"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/managedfields"
	clientgo "k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregator "k8s.io/kube-aggregator/pkg/client/applyconfiguration"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	smd "sigs.k8s.io/structured-merge-diff/v6/schema"
)

// served lists the versions of which every kind is wanted.
var served = []string{
	"v1", "apiregistration.k8s.io/v1", "apps/v1", "events.k8s.io/v1", "authentication.k8s.io/v1",
	"authorization.k8s.io/v1", "autoscaling/v2", "autoscaling/v1", "batch/v1", "certificates.k8s.io/v1",
	"networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1", "storage.k8s.io/v1",
	"admissionregistration.k8s.io/v1", "apiextensions.k8s.io/v1", "scheduling.k8s.io/v1", "coordination.k8s.io/v1",
	"node.k8s.io/v1", "discovery.k8s.io/v1", "resource.k8s.io/v1", "flowcontrol.apiserver.k8s.io/v1",
	"metrics.k8s.io/v1beta1",
}

// special types are written to JSON by code of their own; their names are the scalars of tui/sim/kube/schema.py.
var special = map[reflect.Type]string{
	reflect.TypeOf(metav1.Time{}):                                  "time",
	reflect.TypeOf(metav1.MicroTime{}):                             "microtime",
	reflect.TypeOf(metav1.Duration{}):                              "duration",
	reflect.TypeOf(resource.Quantity{}):                            "quantity",
	reflect.TypeOf(intstr.IntOrString{}):                           "int-or-string",
	reflect.TypeOf(runtime.RawExtension{}):                         "object",
	reflect.TypeOf(metav1.FieldsV1{}):                              "object",
	reflect.TypeOf(apiextensionsv1.JSON{}):                         "any",
	reflect.TypeOf(apiextensionsv1.JSONSchemaPropsOrBool{}):        "any",
	reflect.TypeOf(apiextensionsv1.JSONSchemaPropsOrArray{}):       "any",
	reflect.TypeOf(apiextensionsv1.JSONSchemaPropsOrStringArray{}): "any",
}

// value describes a type: exactly one of Scalar, Ref, List and Map is set.
type value struct {
	Scalar string   `json:"scalar,omitempty"`
	Ref    string   `json:"ref,omitempty"`
	List   *value   `json:"list,omitempty"`
	Map    *value   `json:"map,omitempty"`
	Keys   []string `json:"keys,omitempty"`
	Set    bool     `json:"set,omitempty"`
	Atomic bool     `json:"atomic,omitempty"`
}

type field struct {
	value
	// Zero is what a server writes although the field is empty.
	Zero json.RawMessage `json:"zero,omitempty"`
	// Pointer fields are written even when what they point to is empty.
	Pointer bool `json:"pointer,omitempty"`
	// Required fields must be given (by the rule of kube-openapi's generator, isOptional).
	Required bool            `json:"required,omitempty"`
	Default  json.RawMessage `json:"default,omitempty"`
	MergeKey string          `json:"mergeKey,omitempty"`
	Strategy string          `json:"strategy,omitempty"`
}

type structure struct {
	fields []string
	byName map[string]field
	atomic bool
	doc    string
}

type walker struct {
	types  map[string]*structure
	schema *smd.Schema
}

func main() {
	sch := scheme.Scheme
	must(apiextensionsv1.AddToScheme(sch))
	must(apiregistrationv1.AddToScheme(sch))
	must(metricsv1beta1.AddToScheme(sch))
	w := &walker{types: map[string]*structure{}}
	kinds := map[string]string{}
	// Types are met once: first through the kinds that have a merge schema, since the others know no list types.
	for _, withSchema := range []bool{true, false} {
		for _, text := range served {
			gv, err := schema.ParseGroupVersion(text)
			must(err)
			for kind, typ := range sch.KnownTypes(gv) {
				merged := mergeSchema(gv.WithKind(kind), typ)
				if skipped(kind, typ) || (merged != nil) != withSchema {
					continue
				}
				kinds[text+"/"+kind] = w.kind(typ, merged)
			}
		}
	}
	write(kinds, w.types)
}

func (w *walker) kind(typ reflect.Type, merged *mergeType) string {
	if merged == nil {
		w.schema = nil
		return w.structure(typ, smd.Atom{})
	}
	w.schema = merged.schema
	return w.structure(typ, w.resolve(merged.ref))
}

// skipped tells the kinds of another group (options, lists and events of a watch) which every version registers.
func skipped(kind string, typ reflect.Type) bool {
	if strings.HasPrefix(typ.PkgPath(), "k8s.io/apimachinery/") {
		return true
	}
	return strings.HasSuffix(kind, "List")
}

type mergeType struct {
	schema *smd.Schema
	ref    smd.TypeRef
}

var converters = []managedfields.TypeConverter{
	clientgo.NewTypeConverter(scheme.Scheme),
	apiextensions.NewTypeConverter(scheme.Scheme),
	aggregator.NewTypeConverter(scheme.Scheme),
}

func mergeSchema(gvk schema.GroupVersionKind, typ reflect.Type) *mergeType {
	for _, converter := range converters {
		object := reflect.New(typ).Interface().(runtime.Object)
		object.GetObjectKind().SetGroupVersionKind(gvk)
		if typed, err := converter.ObjectToTyped(object); err == nil {
			return &mergeType{typed.Schema(), typed.TypeRef()}
		}
	}
	return nil
}

func (w *walker) resolve(ref smd.TypeRef) smd.Atom {
	if w.schema == nil {
		return smd.Atom{}
	}
	atom, _ := w.schema.Resolve(ref)
	return atom
}

func (w *walker) structure(typ reflect.Type, atom smd.Atom) string {
	name := modelName(typ)
	if _, met := w.types[name]; met {
		return name
	}
	s := &structure{byName: map[string]field{}, doc: documentation(typ)}
	if atom.Map != nil {
		s.atomic = atom.Map.ElementRelationship == smd.Atomic
	}
	w.types[name] = s
	w.fields(typ, atom, s)
	return name
}

func (w *walker) fields(typ reflect.Type, atom smd.Atom, s *structure) {
	for i := range typ.NumField() {
		member := typ.Field(i)
		name, options, _ := strings.Cut(member.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if name == "" {
			w.fields(member.Type, atom, s)
			continue
		}
		var merged smd.StructField
		if atom.Map != nil {
			merged, _ = atom.Map.FindField(name)
		}
		f := field{value: w.value(member.Type, merged.Type)}
		f.Zero, f.Pointer = zero(member.Type, options), member.Type.Kind() == reflect.Pointer
		f.Required = required(typ, member.Name, options)
		if merged.Default != nil && member.Type.Kind() != reflect.Struct {
			f.Default, _ = json.Marshal(merged.Default)
		}
		f.MergeKey, f.Strategy = member.Tag.Get("patchMergeKey"), member.Tag.Get("patchStrategy")
		s.fields = append(s.fields, name)
		s.byName[name] = f
	}
}

func (w *walker) value(typ reflect.Type, ref smd.TypeRef) value {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if name, ok := special[typ]; ok {
		return value{Scalar: name}
	}
	atom := w.resolve(ref)
	switch typ.Kind() {
	case reflect.Struct:
		name := w.structure(typ, atom)
		overridden := ref.ElementRelationship != nil && *ref.ElementRelationship == smd.Atomic
		return value{Ref: name, Atomic: overridden && !w.types[name].atomic}
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Uint8 {
			return value{Scalar: "bytes"}
		}
		return w.list(typ, atom)
	case reflect.Map:
		v := value{}
		var element smd.TypeRef
		if atom.Map != nil {
			element, v.Atomic = atom.Map.ElementType, atom.Map.ElementRelationship == smd.Atomic
		}
		inner := w.value(typ.Elem(), element)
		v.Map = &inner
		return v
	case reflect.Bool:
		return value{Scalar: "boolean"}
	case reflect.Int32:
		return value{Scalar: "int32"}
	case reflect.Int64, reflect.Int:
		return value{Scalar: "int64"}
	case reflect.Float64:
		return value{Scalar: "number"}
	case reflect.String:
		return value{Scalar: "string"}
	case reflect.Uint8:
		return value{Scalar: "int32"}
	}
	panic("no JSON form known of " + typ.String())
}

func (w *walker) list(typ reflect.Type, atom smd.Atom) value {
	v := value{}
	var element smd.TypeRef
	if atom.List != nil {
		element = atom.List.ElementType
		if atom.List.ElementRelationship == smd.Associative {
			v.Keys, v.Set = atom.List.Keys, len(atom.List.Keys) == 0
		}
	}
	inner := w.value(typ.Elem(), element)
	v.List = &inner
	return v
}

func zero(typ reflect.Type, options string) json.RawMessage {
	omitEmpty, omitZero := strings.Contains(options, "omitempty"), strings.Contains(options, "omitzero")
	if omitZero || (omitEmpty && typ.Kind() != reflect.Struct) {
		return nil
	}
	if _, ok := special[typ]; !ok && typ.Kind() == reflect.Struct {
		return json.RawMessage("{}")
	}
	data, err := json.Marshal(reflect.Zero(typ).Interface())
	must(err)
	return data
}

// required is what the comments above a field say, else what its JSON tag implies.
func required(typ reflect.Type, name string, options string) bool {
	comment := comments(typ.PkgPath())[typ.Name()+"."+name]
	if strings.Contains(comment, "+required\n") {
		return true
	}
	return !strings.Contains(comment, "+optional\n") && !strings.Contains(options, "omitempty")
}

var commented = map[string]map[string]string{}

// comments of the fields of all types in a package, by Type.Field.
func comments(path string) map[string]string {
	found, known := commented[path]
	if known {
		return found
	}
	found = map[string]string{}
	commented[path] = found
	folder, err := exec.Command("go", "list", "-f", "{{.Dir}}", path).Output()
	must(err)
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(folder)), "*.go"))
	must(err)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		must(err)
		ast.Inspect(file, func(node ast.Node) bool {
			declared, isType := node.(*ast.TypeSpec)
			if !isType {
				return true
			}
			if made, isStruct := declared.Type.(*ast.StructType); isStruct {
				for _, field := range made.Fields.List {
					for _, ident := range field.Names {
						found[declared.Name.Name+"."+ident.Name] = text(field.Doc)
					}
				}
			}
			return false
		})
	}
	return found
}

// text of a comment with its markers, of which CommentGroup.Text drops some, one trimmed line after the other.
func text(group *ast.CommentGroup) string {
	var lines strings.Builder
	if group != nil {
		for _, line := range group.List {
			lines.WriteString(strings.TrimSpace(strings.TrimPrefix(line.Text, "//")) + "\n")
		}
	}
	return lines.String()
}

func modelName(typ reflect.Type) string {
	named, ok := reflect.New(typ).Interface().(interface{ OpenAPIModelName() string })
	if !ok {
		panic("no model name: " + typ.String())
	}
	return named.OpenAPIModelName()
}

func documentation(typ reflect.Type) string {
	documented, ok := reflect.New(typ).Interface().(interface{ SwaggerDoc() map[string]string })
	if !ok {
		return ""
	}
	text, _, _ := strings.Cut(documented.SwaggerDoc()[""], ". ")
	return strings.TrimSuffix(strings.ReplaceAll(text, "\n", " "), ".")
}

// write puts one type on a line, so that a difference between two versions can be read.
func write(kinds map[string]string, types map[string]*structure) {
	fmt.Print("{\"kinds\": {\n")
	for i, key := range sorted(kinds) {
		fmt.Printf("%s%s: %s", separator(i), quote(key), quote(kinds[key]))
	}
	fmt.Print("\n},\n\"types\": {\n")
	for i, name := range sorted(types) {
		s := types[name]
		fmt.Printf("%s%s: {", separator(i), quote(name))
		if s.doc != "" {
			fmt.Printf("\"doc\": %s, ", quote(s.doc))
		}
		if s.atomic {
			fmt.Print("\"atomic\": true, ")
		}
		fmt.Print("\"fields\": {")
		for j, key := range s.fields {
			if j > 0 {
				fmt.Print(", ")
			}
			data, err := json.Marshal(s.byName[key])
			must(err)
			fmt.Printf("%s: %s", quote(key), data)
		}
		fmt.Print("}}")
	}
	fmt.Print("\n}}\n")
}

func separator(index int) string {
	if index == 0 {
		return ""
	}
	return ",\n"
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func quote(text string) string {
	data, err := json.Marshal(text)
	must(err)
	return string(data)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
