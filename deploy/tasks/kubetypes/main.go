// Command kubetypes reads rendered manifests into the Go types of Kubernetes and of the Prometheus
// operator. An unknown kind, an unknown field and a misplaced field are errors.
//
// It is a module of its own, so that Parley does not depend on Kubernetes. It needs no schemas from
// the internet.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// kinds are the kinds of manifests that the chart makes.
var kinds = map[string]func() any{
	"ConfigMap":               func() any { return new(corev1.ConfigMap) },
	"Deployment":              func() any { return new(appsv1.Deployment) },
	"HorizontalPodAutoscaler": func() any { return new(autoscalingv2.HorizontalPodAutoscaler) },
	"Ingress":                 func() any { return new(netv1.Ingress) },
	"NetworkPolicy":           func() any { return new(netv1.NetworkPolicy) },
	"PodDisruptionBudget":     func() any { return new(policyv1.PodDisruptionBudget) },
	"PrometheusRule":          func() any { return new(monitoringv1.PrometheusRule) },
	"Secret":                  func() any { return new(corev1.Secret) },
	"Service":                 func() any { return new(corev1.Service) },
	"ServiceMonitor":          func() any { return new(monitoringv1.ServiceMonitor) },
}

func main() {
	read := 0
	for _, path := range os.Args[1:] {
		n, err := check(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		read += n
	}
	if read == 0 {
		fmt.Fprintln(os.Stderr, "kubetypes: nothing to read")
		os.Exit(1)
	}
	fmt.Println(read, "manifests read")
}

// check reads the manifests of a file and counts them.
func check(path string) (read int, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for _, doc := range bytes.Split(raw, []byte("\n---\n")) {
		var about struct{ Kind string }
		if e := yaml.Unmarshal(doc, &about); e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", path, e))
			continue
		}
		if about.Kind == "" && len(bytes.TrimSpace(doc)) == 0 {
			continue
		}
		make, known := kinds[about.Kind]
		if !known {
			err = errors.Join(err, fmt.Errorf("%s: unknown kind %q", path, about.Kind))
			continue
		}
		read++
		if e := yaml.UnmarshalStrict(doc, make()); e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %s: %w", path, about.Kind, e))
		}
	}
	return read, err
}
