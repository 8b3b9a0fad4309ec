# An executor on pymesos: each task sends a message to its scheduler and finishes.
import sys
from threading import Thread

from pymesos import Executor, MesosExecutorDriver, encode_data


class Greeter(Executor):
    def launchTask(self, driver, task):
        def run():
            for state in ('TASK_RUNNING', 'TASK_FINISHED'):
                if state == 'TASK_FINISHED':
                    driver.sendFrameworkMessage(encode_data(('hello from %s' % task.task_id.value).encode()))
                driver.sendStatusUpdate(dict(task_id=task.task_id, state=state))

        Thread(target=run).start()


if __name__ == '__main__':
    MesosExecutorDriver(Greeter(), use_addict=True).run()
    sys.exit(0)
