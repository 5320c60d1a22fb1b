// Fills tests/sim/kube/vectors.json with what the real machinery answers to the requests it lists.
//
// A case is a kind and a list of requests, carried out one after the other on one object: apply, update, and a
// strategic merge patch. To add one, write its requests into the file and run, with Go installed:
//
//	cd tests/sim/kube/schema_generator && go run ./vectors ../vectors.json
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	clientgo "k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

type vector struct {
	Name       string    `json:"name"`
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Requests   []request `json:"requests"`
}

type request struct {
	Op          string         `json:"op"`
	Manager     string         `json:"manager,omitempty"`
	Force       bool           `json:"force,omitempty"`
	Subresource string         `json:"subresource,omitempty"`
	Body        map[string]any `json:"body"`
	// Object or Error is the answer.
	Object map[string]any `json:"object,omitempty"`
	Error  map[string]any `json:"error,omitempty"`
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	must(err)
	var vectors []*vector
	must(json.Unmarshal(data, &vectors))
	for _, v := range vectors {
		v.run()
	}
	var out bytes.Buffer
	for i, v := range vectors {
		line, err := json.Marshal(v)
		must(err)
		if i > 0 {
			out.WriteString(",\n")
		}
		out.Write(line)
	}
	must(os.WriteFile(os.Args[1], []byte("[\n"+out.String()+"\n]\n"), 0o644))
}

func (v *vector) run() {
	gv, err := schema.ParseGroupVersion(v.APIVersion)
	must(err)
	gvk := gv.WithKind(v.Kind)
	live, err := scheme.Scheme.New(gvk)
	must(err)
	live.GetObjectKind().SetGroupVersionKind(gvk)
	for i := range v.Requests {
		r := &v.Requests[i]
		r.Object, r.Error = nil, nil
		answer, err := r.carryOut(gvk, live)
		if err != nil {
			r.Error = described(err)
			continue
		}
		accessor, err := meta.Accessor(answer)
		must(err)
		accessor.SetUID("u")
		answer.GetObjectKind().SetGroupVersionKind(gvk)
		live, r.Object = answer, plain(answer)
	}
}

func (r *request) carryOut(gvk schema.GroupVersionKind, live runtime.Object) (runtime.Object, error) {
	// What each kind's strategy resets (GetResetFields): nobody writes the status but through its subresource.
	reset := "status"
	if r.Subresource == "status" {
		reset = "spec"
	}
	ignored := fieldpath.NewExcludeFilterSetMap(map[fieldpath.APIVersion]*fieldpath.Set{
		fieldpath.APIVersion(gvk.GroupVersion().String()): fieldpath.NewSet(fieldpath.MakePathOrDie(reset)),
	})
	manager, err := managedfields.NewDefaultFieldManager(
		clientgo.NewTypeConverter(scheme.Scheme), scheme.Scheme, noDefaults{}, scheme.Scheme, gvk, gvk.GroupVersion(),
		r.Subresource, ignored)
	must(err)
	switch r.Op {
	case "apply":
		return manager.Apply(live, &unstructured.Unstructured{Object: clone(r.Body)}, r.Manager, r.Force)
	case "update":
		return manager.Update(live, typed(gvk, r.Body), r.Manager)
	case "strategic":
		before, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
		must(err)
		empty, err := scheme.Scheme.New(gvk)
		must(err)
		after, err := strategicpatch.StrategicMergeMapPatch(before, clone(r.Body), empty)
		if err != nil {
			return nil, err
		}
		return manager.Update(live, typed(gvk, after), r.Manager)
	}
	return nil, errors.New("no such operation: " + r.Op)
}

type noDefaults struct{}

func (noDefaults) Default(runtime.Object) {}

func typed(gvk schema.GroupVersionKind, body map[string]any) runtime.Object {
	object, err := scheme.Scheme.New(gvk)
	must(err)
	must(runtime.DefaultUnstructuredConverter.FromUnstructured(clone(body), object))
	return object
}

// clone makes integers of JSON's numbers, as the server's decoder does.
func clone(body map[string]any) map[string]any {
	data, err := json.Marshal(body)
	must(err)
	var u unstructured.Unstructured
	if body["kind"] == nil {
		data, err = json.Marshal(merged(body, map[string]any{"apiVersion": "x", "kind": "x"}))
		must(err)
		must(u.UnmarshalJSON(data))
		delete(u.Object, "kind")
		delete(u.Object, "apiVersion")
		return u.Object
	}
	must(u.UnmarshalJSON(data))
	return u.Object
}

func merged(one, other map[string]any) map[string]any {
	all := map[string]any{}
	for key, value := range one {
		all[key] = value
	}
	for key, value := range other {
		all[key] = value
	}
	return all
}

// past is the time of every recorded change: which of two came first still tells, when both are not of this request.
var past = metav1.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func plain(object runtime.Object) map[string]any {
	accessor, err := meta.Accessor(object)
	must(err)
	entries := accessor.GetManagedFields()
	for i := range entries {
		if entries[i].Time != nil {
			entries[i].Time = &past
		}
	}
	data, err := json.Marshal(object)
	must(err)
	var result map[string]any
	must(json.Unmarshal(data, &result))
	return result
}

func described(err error) map[string]any {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return map[string]any{"message": err.Error()}
	}
	said := status.Status()
	data, err := json.Marshal(said.Details)
	must(err)
	var details any
	must(json.Unmarshal(data, &details))
	return map[string]any{"message": said.Message, "code": said.Code, "details": details}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
