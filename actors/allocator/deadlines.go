package allocator

// deadlines is a binary heap of filters, the one that ends first at 0. Each
// filter knows its place, so that it can be taken out when it ends early.
type deadlines []*filter

func (d *deadlines) push(f *filter) {
	f.at = int32(len(*d))
	*d = append(*d, f)
	d.up(len(*d) - 1)
}

func (d *deadlines) remove(f *filter) {
	h := *d
	i, last := int(f.at), len(h)-1
	h.swap(i, last)
	h[last] = nil
	*d = h[:last]
	if i < last {
		d.up(i)
		d.down(i)
	}
}

func (d deadlines) swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].at, d[j].at = int32(i), int32(j)
}

func (d deadlines) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if d[parent].until <= d[i].until {
			return
		}
		d.swap(i, parent)
		i = parent
	}
}

func (d deadlines) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(d); child++ {
			if d[child].until < d[least].until {
				least = child
			}
		}
		if least == i {
			return
		}
		d.swap(i, least)
		i = least
	}
}
