package master

import (
	"fmt"
	"net/http"

	"mesos/actors/authentication"
	"mesos/actors/httpapi"
	"mesos/actors/master/validation"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/mesosjson"
)

// operationOf is the operation that an operator's call asks for and the agent
// that it is for; nil if the call is another one, or lacks its part.
func operationOf(c *masterv1.Call) (agentID string, op *v1.Offer_Operation) {
	switch x := c; {
	case c.GetType() == masterv1.Call_RESERVE_RESOURCES && x.ReserveResources != nil:
		r := x.ReserveResources
		return r.GetAgentId().GetValue(), &v1.Offer_Operation{
			Type: v1.Offer_Operation_RESERVE.Enum(), Reserve: &v1.Offer_Operation_Reserve{Source: r.Source, Resources: r.Resources},
		}
	case c.GetType() == masterv1.Call_UNRESERVE_RESOURCES && x.UnreserveResources != nil:
		return x.UnreserveResources.GetAgentId().GetValue(), &v1.Offer_Operation{
			Type: v1.Offer_Operation_UNRESERVE.Enum(), Unreserve: &v1.Offer_Operation_Unreserve{Resources: x.UnreserveResources.Resources},
		}
	case c.GetType() == masterv1.Call_CREATE_VOLUMES && x.CreateVolumes != nil:
		return x.CreateVolumes.GetAgentId().GetValue(), &v1.Offer_Operation{
			Type: v1.Offer_Operation_CREATE.Enum(), Create: &v1.Offer_Operation_Create{Volumes: x.CreateVolumes.Volumes},
		}
	case c.GetType() == masterv1.Call_DESTROY_VOLUMES && x.DestroyVolumes != nil:
		return x.DestroyVolumes.GetAgentId().GetValue(), &v1.Offer_Operation{
			Type: v1.Offer_Operation_DESTROY.Enum(), Destroy: &v1.Offer_Operation_Destroy{Volumes: x.DestroyVolumes.Volumes},
		}
	case c.GetType() == masterv1.Call_GROW_VOLUME && x.GrowVolume != nil:
		return x.GrowVolume.GetAgentId().GetValue(), &v1.Offer_Operation{
			Type: v1.Offer_Operation_GROW_VOLUME.Enum(), GrowVolume: &v1.Offer_Operation_GrowVolume{Volume: x.GrowVolume.Volume, Addition: x.GrowVolume.Addition},
		}
	case c.GetType() == masterv1.Call_SHRINK_VOLUME && x.ShrinkVolume != nil:
		return x.ShrinkVolume.GetAgentId().GetValue(), &v1.Offer_Operation{
			Type: v1.Offer_Operation_SHRINK_VOLUME.Enum(), ShrinkVolume: &v1.Offer_Operation_ShrinkVolume{Volume: x.ShrinkVolume.Volume, Subtract: x.ShrinkVolume.Subtract},
		}
	}
	return "", nil
}

// routeOperations registers the unversioned endpoints for operations. Their
// bodies are forms whose fields hold JSON.
func (h *HTTP) routeOperations() {
	h.form("/reserve", "resources", func(list, source []*v1.Resource) *v1.Offer_Operation {
		return &v1.Offer_Operation{Type: v1.Offer_Operation_RESERVE.Enum(), Reserve: &v1.Offer_Operation_Reserve{Resources: list, Source: source}}
	})
	h.form("/unreserve", "resources", func(list, _ []*v1.Resource) *v1.Offer_Operation {
		return &v1.Offer_Operation{Type: v1.Offer_Operation_UNRESERVE.Enum(), Unreserve: &v1.Offer_Operation_Unreserve{Resources: list}}
	})
	h.form("/create-volumes", "volumes", func(list, _ []*v1.Resource) *v1.Offer_Operation {
		return &v1.Offer_Operation{Type: v1.Offer_Operation_CREATE.Enum(), Create: &v1.Offer_Operation_Create{Volumes: list}}
	})
	h.form("/destroy-volumes", "volumes", func(list, _ []*v1.Resource) *v1.Offer_Operation {
		return &v1.Offer_Operation{Type: v1.Offer_Operation_DESTROY.Enum(), Destroy: &v1.Offer_Operation_Destroy{Volumes: list}}
	})
}

// maxFormBytes bounds the body of such a form.
const maxFormBytes = 1 << 20

func (h *HTTP) form(path, field string, make func(list, source []*v1.Resource) *v1.Offer_Operation) {
	h.router.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		if !h.leads(w, r, http.MethodPost) {
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
		agentID := r.PostFormValue("slaveId")
		if agentID == "" {
			httpapi.Errorf(w, http.StatusBadRequest, "The form field slaveId is missing.")
			return
		}
		lists := map[string][]*v1.Resource{}
		for _, name := range []string{field, "source"} {
			text := r.PostFormValue(name)
			if text == "" && name != field {
				continue
			}
			list, err := resourceList(text)
			if err != nil {
				httpapi.Errorf(w, http.StatusBadRequest, "The form field %s must be a JSON array of resources: %v.", name, err)
				return
			}
			lists[name] = list
		}
		op := make(lists[field], lists["source"])
		if !owned(w, r, op) {
			return
		}
		h.later(w, r, func(done func(answer)) {
			h.master.operateFor(authentication.Principal(r.Context()), "slaveId", agentID, op, done)
		})
	})
}

// owned answers itself and reports false if an operation makes what belongs to another principal than who asks for it.
func owned(w http.ResponseWriter, r *http.Request, op *v1.Offer_Operation) bool {
	err := validation.OperationPrincipal(op, authentication.Principal(r.Context()))
	if err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "%v", err)
	}
	return err == nil
}

func resourceList(text string) ([]*v1.Resource, error) {
	if text == "" {
		return nil, fmt.Errorf("it is missing")
	}
	holder := &v1.Offer_Operation_Reserve{}
	err := mesosjson.Unmarshal([]byte(`{"resources":`+text+`}`), holder)
	return holder.Resources, err
}
