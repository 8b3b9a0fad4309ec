// Package scheduler is the driver for frameworks written in Go: an actor that
// subscribes to a master over an actor link and calls the framework's handlers.
//
// A framework gives [Callbacks] and gets a [Driver]. All callbacks run on the
// driver's actor, one at a time, so a framework needs no locks; the driver's
// methods may be called from them and from any goroutine.
//
//	drv := scheduler.New(scheduler.Config{Master: master, Framework: info}, scheduler.Callbacks{
//		Offers: func(d *scheduler.Driver, offers []*v1.Offer) { … d.Launch(offer, tasks) … },
//		Update: func(d *scheduler.Driver, s *v1.TaskStatus) { … },
//	})
//
// The driver keeps the subscription alive: when the session with the master
// ends it subscribes again, with backoff, under the framework id that it has,
// and asks for the state of all tasks, above all of those that it launched and
// did not hear the end of. An update is acknowledged when the
// Update callback returns, unless [Config.ManualAck] is set; one that is not
// acknowledged comes again.
//
// Operations on resources are made by [Reserve], [Create] and their kin and sent
// by [Driver.Accept]. How one with an id ended is told by the callback
// Operation and acknowledged like an update.
//
// Messages: scheduler.Call to the master, scheduler.Event from it; see package
// master for what happens when one is lost.
package scheduler
