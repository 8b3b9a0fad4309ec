# Runs tasks through pymesos's scheduler driver, and reads the cluster through its operator drivers meanwhile.
# Usage: run.py MASTER AGENT USER TASKS EXECUTOR_COMMAND [OPERATOR]
# OPERATOR is host:port of the master where MASTER is a zk:// URL, which only the scheduler driver can take.
import sys
from threading import Event, Lock

from pymesos import (
    MesosOperatorAgentDriver, MesosOperatorMasterDriver, MesosSchedulerDriver, OperatorMaster, Scheduler, decode_data,
)

master, agent, user, count, command = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
operator = sys.argv[6] if len(sys.argv) > 6 else master
lock, finished, watching, told = Lock(), Event(), Event(), Event()


def say(*words):
    with lock:
        print(*words, flush=True)


class Watcher(OperatorMaster):
    def __init__(self):
        self.updates = 0

    def taskAdded(self, task):
        say('ADDED', task.task_id.value)

    def taskUpdated(self, event):
        say('UPDATED', event.status.task_id.value, event.state)
        if event.state == 'TASK_FINISHED':
            self.updates += 1
            if self.updates == count:
                told.set()

    def frameworkAdded(self, framework):
        say('FRAMEWORK', framework.framework_info.name)

    def frameworkRemoved(self, framework):
        say('REMOVED', framework.name)

    def frameworkUpdated(self, framework):
        pass

    def agentAdded(self, agent):
        pass

    def agentRemoved(self, agent):
        pass


class WatchDriver(MesosOperatorMasterDriver):
    def on_subscribed(self, info):
        super().on_subscribed(info)
        watching.set()


class Runner(Scheduler):
    def __init__(self):
        self.launched, self.done = 0, set()

    def registered(self, driver, framework_id, master_info):
        say('SUBSCRIBED', framework_id.value)

    def resourceOffers(self, driver, offers):
        for offer in offers:
            tasks = []
            cpus = sum(r.scalar.value for r in offer.resources if r.name == 'cpus')
            while self.launched < count and cpus >= 0.6:
                cpus -= 0.6
                name = 'task-%d' % self.launched
                self.launched += 1
                tasks.append(dict(
                    task_id=dict(value=name), agent_id=offer.agent_id, name=name, resources=resources(0.5, 32),
                    executor=dict(
                        executor_id=dict(value='greeter'), name='greeter', command=dict(value=command),
                        framework_id=dict(value=driver.framework_id), resources=resources(0.1, 32),
                    ),
                ))
            driver.launchTasks(offer.id, tasks, dict(refuse_seconds=1))

    def statusUpdate(self, driver, update):
        say('UPDATE', update.task_id.value, update.state)
        if update.state == 'TASK_FINISHED':
            self.done.add(update.task_id.value)
            if len(self.done) == count:
                finished.set()

    def frameworkMessage(self, driver, executor_id, agent_id, message):
        say('MESSAGE', decode_data(message).decode())

    def error(self, driver, message):
        say('ERROR', message)


def resources(cpus, mem):
    return [
        dict(name='cpus', type='SCALAR', scalar=dict(value=cpus)),
        dict(name='mem', type='SCALAR', scalar=dict(value=mem)),
    ]


def wait(event, what):
    if not event.wait(100):
        say('TIMEOUT', what)
        sys.exit(1)


watch = WatchDriver(operator, Watcher(), use_addict=True)
watch.start()
wait(watching, 'operator subscription')

driver = MesosSchedulerDriver(Runner(), dict(user=user, name='pymesos'), master, use_addict=True)
driver.start()
wait(finished, 'tasks')
wait(told, 'operator events')

containers = MesosOperatorAgentDriver(agent).getContainers()
say('CONTAINERS', len(containers['get_containers'].get('containers', [])))
ops = MesosOperatorMasterDriver(operator)
say('VERSION', ops.getVersion()['get_version']['version_info']['version'])
say('HEALTHY', ops.getHealth()['get_health']['healthy'])
say('AGENTS', len(ops.getAgents()['get_agents']['agents']))
say('ROLES', ','.join(r['name'] for r in ops.getRoles()['get_roles']['roles']))
say('FRAMEWORKS', ','.join(f['framework_info']['name'] for f in ops.getFrameworks()['get_frameworks']['frameworks']))
say('MASTER', ops.getMaster()['get_master']['master_info']['address']['port'])
state = ops.getState()['get_state']
say('COMPLETED', len(state['get_tasks'].get('completed_tasks', [])) + len(state['get_tasks'].get('tasks', [])))

driver.stop()
driver.join()
watch.stop()
say('STOPPED')
