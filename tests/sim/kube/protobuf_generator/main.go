// Writes tui/sim/kube/protobuf.json: the protobuf field numbers of the kinds a server takes.
//
// The Go types of Kubernetes say them in their struct tags (`protobuf:"bytes,1,opt,name=metadata"`), of which this
// makes one table. A type is written as: "string", "bytes", "bool", "int", "double", one of the special messages named
// below, or the name of another message; before it "*" for a repeated field and "%" for a map from strings. A field
// without a name is a message whose fields belong to its parent.
//
// Renew, for another Kubernetes version, with Go installed:
//
//	cd tests/sim/kube/protobuf_generator && go run . > ../../../../tui/sim/kube/protobuf.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
)

var served = []string{
	"v1", "apps/v1", "events.k8s.io/v1", "authentication.k8s.io/v1", "authorization.k8s.io/v1", "autoscaling/v2",
	"autoscaling/v1", "batch/v1", "certificates.k8s.io/v1", "networking.k8s.io/v1", "policy/v1",
	"rbac.authorization.k8s.io/v1", "storage.k8s.io/v1", "admissionregistration.k8s.io/v1", "scheduling.k8s.io/v1",
	"coordination.k8s.io/v1", "node.k8s.io/v1", "discovery.k8s.io/v1", "resource.k8s.io/v1",
	"flowcontrol.apiserver.k8s.io/v1",
}

// special messages are written to JSON in a form of their own.
var special = map[reflect.Type]string{
	reflect.TypeOf(metav1.Time{}):          "time",
	reflect.TypeOf(metav1.MicroTime{}):     "microtime",
	reflect.TypeOf(metav1.Duration{}):      "duration",
	reflect.TypeOf(resource.Quantity{}):    "quantity",
	reflect.TypeOf(intstr.IntOrString{}):   "int-or-string",
	reflect.TypeOf(runtime.RawExtension{}): "raw",
	reflect.TypeOf(metav1.FieldsV1{}):      "raw",
}

type table map[string]map[string][2]string

func main() {
	messages := table{}
	kinds := map[string]string{}
	for _, text := range served {
		gv, err := schema.ParseGroupVersion(text)
		if err != nil {
			panic(err)
		}
		for kind, typ := range scheme.Scheme.KnownTypes(gv) {
			if strings.HasSuffix(kind, "List") || (strings.HasSuffix(kind, "Options") && kind != "DeleteOptions") ||
				kind == "WatchEvent" {
				continue
			}
			kinds[text+"/"+kind] = messages.add(typ)
		}
	}
	write(kinds, messages)
}

// add describes a struct, and those it is made of, once; its name in the table.
func (t table) add(typ reflect.Type) string {
	name := strings.TrimPrefix(typ.PkgPath(), "k8s.io/")
	name = strings.NewReplacer("api/", "", "apimachinery/pkg/apis/", "", "/", ".").Replace(name) + "." + typ.Name()
	if _, known := t[name]; known {
		return name
	}
	fields := map[string][2]string{}
	t[name] = fields
	for i := range typ.NumField() {
		field := typ.Field(i)
		tag, tagged := field.Tag.Lookup("protobuf")
		if !tagged || tag == "-" {
			continue
		}
		parts := strings.Split(tag, ",")
		jsonName, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if strings.Contains(options, "inline") {
			jsonName = ""
		}
		fields[parts[1]] = [2]string{jsonName, t.describe(field.Type, parts[2] == "rep")}
	}
	return name
}

func (t table) describe(typ reflect.Type, repeated bool) string {
	if name, found := special[typ]; found {
		return name
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return t.describe(typ.Elem(), repeated)
	case reflect.Struct:
		return t.add(typ)
	case reflect.Map:
		return "%" + t.describe(typ.Elem(), false)
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		if !repeated { // a named slice: a message with one repeated field
			name := "items." + t.describe(typ.Elem(), false)
			t[name] = map[string][2]string{"1": {"items", "*" + t.describe(typ.Elem(), false)}}
			return name
		}
		return "*" + t.describe(typ.Elem(), false)
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int32, reflect.Int64, reflect.Int, reflect.Uint32, reflect.Uint64, reflect.Uint8:
		return "int"
	case reflect.Float64, reflect.Float32:
		return "double"
	}
	panic(fmt.Sprintf("no protobuf type for %v", typ))
}

func write(kinds map[string]string, messages table) {
	out := os.Stdout
	fmt.Fprintln(out, `{"kinds": {`)
	lines(out, kinds)
	fmt.Fprintln(out, `}, "messages": {`)
	lines(out, messages)
	fmt.Fprintln(out, `}}`)
}

// lines writes a map one member a line, sorted, so that a renewal shows what changed.
func lines[V any](out *os.File, members map[string]V) {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	sort.Strings(names)
	for i, name := range names {
		value, err := json.Marshal(members[name])
		if err != nil {
			panic(err)
		}
		comma := ","
		if i == len(names)-1 {
			comma = ""
		}
		fmt.Fprintf(out, "%q: %s%s\n", name, value, comma)
	}
}
